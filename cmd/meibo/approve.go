package main

import (
	"fmt"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type approveCmd struct {
	Change   string `arg:"" optional:"" help:"Id of the change."`
	List     string `placeholder:"CONTRACT" help:"List a contract's changes instead."`
	Show     bool   `help:"Show the change with its lines instead."`
	Reject   string `placeholder:"REASON" help:"Turn it down, with the reason for the submitter."`
	Withdraw bool   `help:"Take it back; for its submitter."`
	keyFlag
}

// Run decides on a change.
func (c *approveCmd) Run(a *app) error {
	switch {
	case c.List != "":
		return c.list(a)
	case c.Change == "":
		return fmt.Errorf("name a change, or --list CONTRACT")
	case c.Show:
		return c.show(a)
	}
	done, err := ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.Change, error) {
		switch {
		case c.Withdraw:
			r, err := s.WithdrawChange(a.ctx, &pb.WithdrawChangeRequest{IdempotencyKey: c.key(), Id: c.Change})
			return r.GetChange(), err
		case c.Reject != "":
			r, err := s.RejectChange(a.ctx, &pb.RejectChangeRequest{IdempotencyKey: c.key(), Id: c.Change, Reason: c.Reject})
			return r.GetChange(), err
		}
		r, err := s.ApproveChange(a.ctx, &pb.ApproveChangeRequest{IdempotencyKey: c.key(), Id: c.Change})
		return r.GetChange(), err
	})
	if err != nil {
		return err
	}
	return a.show(done, func() {
		switch {
		case done.State == "submitted":
			a.printf("承認しました。もう一方の承認を待っています。\n")
		case done.Version > 0:
			a.printf("%s: 名簿 第%d版を作成し、市への通知を送信待ちにしました。\n", done.State, done.Version)
		default:
			a.printf("%s\n", done.State)
		}
	})
}

func (c *approveCmd) list(a *app) error {
	list, err := ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.ListChangesResponse, error) {
		return s.ListChanges(a.ctx, &pb.ListChangesRequest{Contract: c.List})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, ch := range list.Changes {
			rows = append(rows, []string{ch.Id, ch.State, ch.Organization, when(ch.SubmittedAt), when(ch.DecidedAt), number(ch.Version)})
		}
		a.table("CHANGE STATE ORGANIZATION SUBMITTED DECIDED VERSION", rows)
	})
}

func (c *approveCmd) show(a *app) error {
	v, err := ask(a, pb.NewChangeServiceClient, func(s pb.ChangeServiceClient) (*pb.GetChangeResponse, error) {
		return s.GetChange(a.ctx, &pb.GetChangeRequest{Id: c.Change})
	})
	if err != nil {
		return err
	}
	return a.show(v, func() {
		a.printf("%s 契約 %s %s %s\n", v.Change.Id, v.Change.Contract, v.Change.State, v.Change.Reason)
		var rows [][]string
		for _, l := range v.Lines {
			rows = append(rows, []string{fmt.Sprint(l.Row), l.Operation, l.Name, l.Person, l.Asset, l.Action, l.Purpose, l.From, l.Until, l.Reason})
		}
		a.table("ROW OPERATION NAME PERSON ASSET ACTION PURPOSE FROM UNTIL REASON", rows)
	})
}

func number(n int32) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
