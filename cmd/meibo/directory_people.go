package main

import (
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type dirPeopleCmd struct {
	Standing string `help:"Only those who are locked (for a time, by bad passwords), disabled, unknown, held, doubted, transferred, expiring or gone."`
}

// Run lists what the directory says of people.
func (c *dirPeopleCmd) Run(a *app) error {
	all := &pb.ListDirectoryPeopleResponse{}
	for after := ""; ; {
		page, err := directoryPeople(a, c.Standing, after)
		if err != nil {
			return err
		}
		all.People = append(all.People, page.People...)
		if after = page.Next; after == "" {
			break
		}
	}
	return a.show(all, func() {
		if len(all.People) == 0 {
			a.printf("Nobody.\n")
			return
		}
		var rows [][]string
		for _, p := range all.People {
			rows = append(rows, []string{p.Person, p.State, p.Cause, when(p.Since), when(p.Until), when(p.DoubtedSince), when(p.TransferredSince), p.Hold})
		}
		a.table("PERSON STATE CAUSE SINCE UNTIL DOUBTED TRANSFERRED HOLD", rows)
	})
}

func directoryPeople(a *app, standing, after string) (*pb.ListDirectoryPeopleResponse, error) {
	return ask(a, pb.NewDirectoryServiceClient, func(s pb.DirectoryServiceClient) (*pb.ListDirectoryPeopleResponse, error) {
		return s.ListDirectoryPeople(a.ctx, &pb.ListDirectoryPeopleRequest{Standing: standing, After: after})
	})
}
