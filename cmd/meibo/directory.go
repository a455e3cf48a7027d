package main

import (
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type dirCmd struct {
	Status dirStatusCmd `cmd:"" default:"1" help:"Show what the last reading came to."`
	Sync   dirSyncCmd   `cmd:"" help:"Read the whole directory now."`
}

type dirStatusCmd struct{}

// Run shows the last reading.
func (c *dirStatusCmd) Run(a *app) error {
	s, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.GetDirectoryStatusResponse, error) {
		return s.GetDirectoryStatus(a.ctx, &pb.GetDirectoryStatusRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(s, func() {
		if !s.Configured {
			a.printf("No directory is configured: the roster's own state speaks for accounts.\n")
			return
		}
		a.showReading(s.Reading)
	})
}

type dirSyncCmd struct{}

// Run reads the directory.
func (c *dirSyncCmd) Run(a *app) error {
	s, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.SyncDirectoryResponse, error) {
		return s.SyncDirectory(a.ctx, &pb.SyncDirectoryRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(s, func() { a.showReading(s.Reading) })
}

func (a *app) showReading(r *pb.Reading) {
	if r.Outcome == "" {
		a.printf("The directory was not read yet.\n")
		return
	}
	a.printf("%s %s %s  seen %d, newly disabled %d, gone %d, held %d\n", when(r.At), r.Outcome, r.Code, r.Seen, r.Disabled, r.Gone, r.Held)
}
