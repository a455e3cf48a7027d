package main

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// explain asks for the reasons instead of a decision.
func (c *checkCmd) explain(a *app) error {
	request := &pb.ExplainAccessRequest{Question: c.question(), System: c.System}
	if !c.At.IsZero() {
		request.At = timestamppb.New(c.At)
	}
	e, err := ask(a, pb.NewAccessServiceClient, func(s pb.AccessServiceClient) (*pb.ExplainAccessResponse, error) {
		return s.ExplainAccess(a.ctx, request)
	})
	if err != nil {
		return err
	}
	err = a.show(e, func() {
		a.decision(e.Decision)
		if c.Explain {
			a.conditions(e.Conditions)
		}
	})
	if err == nil && !e.Decision.Allowed {
		return errDenied
	}
	return err
}

// conditions prints what became of each condition, and the rows on which it rests.
func (a *app) conditions(list []*pb.Condition) {
	for _, c := range list {
		mark := "ok  "
		if !c.Held {
			mark = "FAIL"
		}
		a.printf("%s %s/%s  %s\n", mark, c.Part, c.Name, strings.Join(slices.Concat(c.Codes, c.Clauses), " "))
		for _, r := range c.Rows {
			var cells []string
			for i, column := range r.Columns {
				cells = append(cells, column+"="+r.Values[i])
			}
			a.printf("       %s: %s\n", r.Matcher, strings.Join(cells, " "))
			for _, u := range r.Unmet {
				a.printf("         not met: %s\n", u)
			}
		}
	}
}
