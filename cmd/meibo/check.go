package main

import (
	"fmt"
	"strings"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type checkCmd struct {
	Person   string `arg:"" help:"Id of the person."`
	Asset    string `required:"" help:"Id of the asset."`
	Action   string `default:"view" help:"Action, such as view or export."`
	Contract string `help:"Contract number; a system registered for exactly one may leave it out."`
	Purpose  string `help:"Purpose, a leaf such as U.TAX.RES.ASSESS.INPUT."`
}

// Run asks and prints the decision with all its reasons.
func (c *checkCmd) Run(a *app) error {
	d, err := ask(a, pb.NewAccessServiceClient, func(s pb.AccessServiceClient) (*pb.CheckAccessResponse, error) {
		return s.CheckAccess(a.ctx, &pb.CheckAccessRequest{
			Person: c.Person, Contract: c.Contract, Asset: c.Asset, Action: c.Action, Purpose: c.Purpose,
		})
	})
	if err != nil {
		return err
	}
	err = a.show(d, func() {
		verdict := "DENY"
		if d.Allowed {
			verdict = "ALLOW"
		}
		a.printf("%s  %s\n", verdict, d.Message)
		a.printf("  codes     %s\n", strings.Join(append(d.Codes, d.Advice...), ", "))
		a.printf("  clauses   %s\n", strings.Join(d.Clauses, ", "))
		a.printf("  decision  %s at %s, revision %d, roster version %s\n", d.DecisionId, when(d.At), d.Revision, orDash(number(d.RosterVersion)))
		if d.Allowed {
			a.printf("  max_age   %s\n", fmt.Sprintf("%d s", d.MaxAge))
		}
	})
	if err == nil && !d.Allowed {
		return errDenied
	}
	return err
}
