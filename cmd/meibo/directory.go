package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type dirCmd struct {
	Status      dirStatusCmd  `cmd:"" default:"1" help:"Show how the directory is followed, and how far."`
	Sync        dirSyncCmd    `cmd:"" help:"Have everybody read now, and put in force what that finds."`
	Plan        dirPlanCmd    `cmd:"" help:"Read everybody and show what a sync would do. Nothing is applied."`
	Probe       dirProbeCmd   `cmd:"" help:"Find out what the configured directory can do, and what is wrong with the configuration."`
	People      dirPeopleCmd  `cmd:"" help:"Show of whom the directory says more than that they are enabled: locked, disabled, in doubt …"`
	Orphans     dirOrphansCmd `cmd:"" help:"Show who works and is not in the directory, and who is in a group and does not work."`
	ConfirmUnit dirConfirmCmd `cmd:"" help:"Confirm that a person does the same work in the unit that the directory shows now."`
	Holds       dirHoldsCmd   `cmd:"" help:"Show what is too much to be believed, and confirm or reject it."`
}

type dirStatusCmd struct{}

func directoryStatus(a *app) (*pb.GetDirectoryStatusResponse, error) {
	return ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.GetDirectoryStatusResponse, error) {
		return s.GetDirectoryStatus(a.ctx, &pb.GetDirectoryStatusRequest{})
	})
}

// Run shows how the directory is followed.
func (c *dirStatusCmd) Run(a *app) error {
	s, err := directoryStatus(a)
	if err != nil {
		return err
	}
	locked := &pb.ListDirectoryPeopleResponse{}
	if s.Accounts["locked"] > 0 && !a.json {
		if locked, err = directoryPeople(a, "locked", ""); err != nil {
			return err
		}
	}
	return a.show(s, func() {
		if !s.Configured {
			a.printf("No directory is configured: the roster's own state speaks for accounts.\n")
			return
		}
		a.showStatus(s)
		a.showLocked(locked, int(s.Accounts["locked"]))
	})
}

// showLocked shows a page of those who are locked for a time, and says how many more
// there are.
func (a *app) showLocked(page *pb.ListDirectoryPeopleResponse, all int) {
	for _, p := range page.People {
		a.printf("locked    %s  by bad passwords, since %s: no departure\n", p.Person, when(p.Since))
	}
	if page.Next != "" {
		a.printf("locked    %d more: meibo directory people --standing locked\n", max(1, all-len(page.People)))
	}
}

func (a *app) showStatus(s *pb.GetDirectoryStatusResponse) {
	a.printf("health    %s\n", s.Health)
	if s.Connected {
		a.printf("server    %s  %s  since %s\n", s.Url, s.Vendor, when(s.Since))
	} else {
		a.printf("server    not followed: %s\n", s.LastCode)
	}
	if s.Mode != "" {
		a.printf("mode      %s: %s\n", s.Mode, s.Reason)
	}
	a.printf("proven    %s\n", when(s.ProvenAt))
	a.printf("everybody %s  %d people\n", when(s.SweptAt), s.People)
	if s.ReadingPeople > 0 {
		a.printf("reading   %d people so far\n", s.ReadingPeople)
	}
	a.printf("accounts ")
	for _, state := range slices.Sorted(maps.Keys(s.Accounts)) {
		a.printf(" %s %d", state, s.Accounts[state])
	}
	a.printf("\nholds     %d people\n", s.Held)
	if s.Doubted > 0 {
		a.printf("in doubt  %d people, the first since %s\n", s.Doubted, when(s.DoubtedSince))
	}
	a.printf("since the start: connections %d, readings for want of a bookmark %d, changes nobody told of %d, contradictions %d\n",
		s.Connections, s.Refreshes, s.Missed, s.Disagreed)
	if s.Frozen {
		a.printf("FROZEN: the directory has been silent for too long; nothing new is granted.\n")
	}
	a.showReading(s.Reading)
}

type dirSyncCmd struct{}

// Run has the directory read.
func (c *dirSyncCmd) Run(a *app) error {
	defer a.watchReading()()
	s, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.SyncDirectoryResponse, error) {
		return s.SyncDirectory(a.ctx, &pb.SyncDirectoryRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(s, func() { a.showReading(s.Reading) })
}

// progressEvery is how often a long reading says how far it is.
const progressEvery = 2 * time.Second

// watchReading says on the error stream how far a long reading is, until the function
// that it returns is called.
func (a *app) watchReading() (stop func()) {
	ctx, cancel := context.WithCancel(a.ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if s, err := directoryStatus(a); err == nil && s.ReadingPeople > 0 {
				fmt.Fprintf(a.stderr, "%d people read\n", s.ReadingPeople)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

type dirPlanCmd struct{}

// Run shows what a reading would do.
func (c *dirPlanCmd) Run(a *app) error {
	defer a.watchReading()()
	p, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.PlanDirectoryResponse, error) {
		return s.PlanDirectory(a.ctx, &pb.PlanDirectoryRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(p, func() {
		a.printf("%d people seen; %d changes, %d held back. Nothing was applied.\n", p.Seen, len(p.Changes), len(p.Held))
		if p.Incomplete != "" {
			a.printf("The reading is incomplete (%s): nobody would be ended for being absent.\n", p.Incomplete)
		}
		a.showPlanned("", p.Changes)
		a.showPlanned("held: ", p.Held)
	})
}

func (a *app) showPlanned(mark string, list []*pb.PlannedChange) {
	for _, c := range list {
		to := c.To
		if to == "" {
			to = "not there"
		}
		a.printf("  %s  %s%s  %s -> %s %s\n", c.Person, mark, c.Kind, c.From, to, c.Cause)
	}
}

func (a *app) showReading(r *pb.Reading) {
	if r.Outcome == "" {
		a.printf("The directory was not read yet.\n")
		return
	}
	a.printf("%s %s %s %s  seen %d, newly disabled %d, gone %d, held %d\n", when(r.At), r.Cause, r.Outcome, r.Code, r.Seen, r.Disabled, r.Gone, r.Held)
}
