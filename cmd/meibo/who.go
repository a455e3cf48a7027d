package main

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type whoCmd struct {
	Asset string    `arg:"" help:"Id of the asset."`
	At    time.Time `help:"At another instant, past or ahead, such as 2026-09-01T10:00:00+09:00."`
}

// Run lists who could touch an asset.
func (c *whoCmd) Run(a *app) error {
	request := &pb.ListAccessRequest{Asset: c.Asset}
	if !c.At.IsZero() {
		request.At = timestamppb.New(c.At)
	}
	list, err := ask(a, pb.NewAccessServiceClient, func(s pb.AccessServiceClient) (*pb.ListAccessResponse, error) {
		return s.ListAccess(a.ctx, request)
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, x := range list.Accesses {
			rows = append(rows, []string{x.Person, x.Contract, x.Action, x.Purpose, x.System, orDash(strings.Join(x.Conditions, " ")), x.Right})
		}
		a.table("PERSON CONTRACT ACTION PURPOSE SYSTEM ON_TOP RIGHT", rows)
		if list.More {
			a.printf("There are more.\n")
		}
	})
}
