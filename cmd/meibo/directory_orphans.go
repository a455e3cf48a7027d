package main

import (
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type dirOrphansCmd struct{}

// Run shows how the rosters and the directory differ.
func (c *dirOrphansCmd) Run(a *app) error {
	o, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.ListOrphansResponse, error) {
		return s.ListOrphans(a.ctx, &pb.ListOrphansRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(o, func() {
		a.printf("%d on a roster and bound to no entry, %d not to be found\n", len(o.Unbound), len(o.Absent))
		a.printf("%d at another employer than on the roster, %d in another unit\n", len(o.Elsewhere), len(o.Transferred))
		a.listOrphans("unbound", o.Unbound)
		a.listOrphans("absent", o.Absent)
		a.listOrphans("elsewhere", o.Elsewhere)
		a.listOrphans("transferred", o.Transferred)
		for _, g := range o.Groups {
			if g.Code != "" {
				a.printf("%s  %s  not read: %s\n", g.Contract, g.Group, g.Code)
				continue
			}
			a.printf("%s  %s\n", g.Contract, g.Group)
			a.printf("  not granted, and in it: %d known, %d unknown, %d no people, %d names of nobody; granted, and not in it: %d\n",
				len(g.Strangers), len(g.Unknown), g.Others, g.Dangling, len(g.Missing))
			a.listOrphans("stranger", g.Strangers)
			a.listOrphans("unknown", g.Unknown)
			a.listOrphans("missing", g.Missing)
		}
	})
}

func (a *app) listOrphans(what string, ids []string) {
	for _, id := range ids {
		a.printf("  %s  %s\n", what, id)
	}
}

type dirConfirmCmd struct {
	Person string `arg:"" help:"The person's id."`
	keyFlag
}

// Run confirms a unit.
func (c *dirConfirmCmd) Run(a *app) error {
	done, err := ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.ConfirmUnitResponse, error) {
		return s.ConfirmUnit(a.ctx, &pb.ConfirmUnitRequest{Person: c.Person, IdempotencyKey: c.key()})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("%s does the same work in another unit.\n", done.Person) })
}
