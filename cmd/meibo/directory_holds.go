package main

import (
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type dirHoldsCmd struct {
	List    dirHoldsListCmd   `cmd:"" default:"withargs" help:"List holds with the people in them."`
	Confirm dirHoldConfirmCmd `cmd:"" help:"The directory is right: put in force what it says of exactly these people."`
	Reject  dirHoldRejectCmd  `cmd:"" help:"The directory is wrong: let exactly these people out; the same set is not held again."`
}

type dirHoldsListCmd struct {
	All bool `help:"The settled ones, too."`
}

// Run lists holds.
func (c *dirHoldsListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.ListDirectoryHoldsResponse, error) {
		return s.ListDirectoryHolds(a.ctx, &pb.ListDirectoryHoldsRequest{Every: c.All})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		if len(list.Holds) == 0 {
			a.printf("Nobody is in a hold.\n")
		}
		for _, h := range list.Holds {
			a.printf("%s  %s  %s  %d people  since %s\n", h.Id, h.State, h.Why, h.People, when(h.OpenedAt))
			a.showPlanned("", h.Members)
		}
	})
}

type dirHoldConfirmCmd struct {
	Hold string `arg:"" help:"The hold's id."`
	Yes  bool   `help:"Do not ask."`
	keyFlag
}

// Run confirms a hold.
func (c *dirHoldConfirmCmd) Run(a *app) error {
	if !a.yes("What the directory says of these people is put in force; who is absent leaves every roster. Go on?", c.Yes) {
		return nil
	}
	return a.settle(c.Hold, "confirm", c.key())
}

type dirHoldRejectCmd struct {
	Hold string `arg:"" help:"The hold's id."`
	keyFlag
}

// Run rejects a hold.
func (c *dirHoldRejectCmd) Run(a *app) error { return a.settle(c.Hold, "reject", c.key()) }

func (a *app) settle(id, verdict, key string) error {
	done, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.SettleDirectoryHoldResponse, error) {
		return s.SettleDirectoryHold(a.ctx, &pb.SettleDirectoryHoldRequest{Id: id, Verdict: verdict, IdempotencyKey: key})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.showReading(done.Reading) })
}
