package main

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type checkCmd struct {
	Person   string `arg:"" help:"Id of the person."`
	Asset    string `required:"" help:"Id of the asset."`
	Action   string `default:"view" help:"Action, such as view or export."`
	Contract string `help:"Contract number; a system registered for exactly one may leave it out."`
	Purpose  string `help:"Purpose, a leaf such as U.TAX.RES.ASSESS.INPUT."`

	Explain   bool      `help:"Show each condition of the rule with the rows on which it rests. For auditors and operators; nothing is recorded."`
	Reference bool      `help:"Decide by stock Casbin alone, to compare. For auditors and operators; nothing is recorded."`
	System    string    `help:"With --explain or --reference: the system that would ask."`
	At        time.Time `help:"With --explain or --reference: at another instant, past or ahead, such as 2027-04-01T00:00:00+09:00."`

	Circumstances circumstancesFlag `embed:"" group:"Circumstances"`
}

// circumstancesFlag is what is so as the question is asked.
type circumstancesFlag struct {
	Zone       string    `help:"Network zone from which is asked."`
	Workplace  string    `help:"Where the person works."`
	Device     string    `help:"With which device."`
	Mode       string    `help:"interactive or batch."`
	AuthLevel  int32     `help:"How strongly the person was authenticated, 1 to 9."`
	AuthTime   time.Time `help:"When, such as 2026-10-15T09:00:00+09:00."`
	OnBehalfOf string    `help:"Id of the person for whom the person acts."`
	CaseRef    string    `help:"Number of the application or case."`
	Permit     string    `help:"Number of the city's permit."`
	Recipient  string    `help:"Who receives what is sent, provided or carried."`
	Medium     string    `help:"On what medium."`
	Rows       int32     `help:"How many records are asked for."`
	Reason     string    `help:"Why an emergency cannot wait."`
	Nonce      string    `help:"A word never used before, where the system must show that it asks once."`
}

func (f circumstancesFlag) wire() *pb.Circumstances {
	c := &pb.Circumstances{
		Zone: f.Zone, Workplace: f.Workplace, Device: f.Device, Mode: f.Mode, AuthLevel: f.AuthLevel, OnBehalfOf: f.OnBehalfOf,
		CaseRef: f.CaseRef, Permit: f.Permit, Recipient: f.Recipient, Medium: f.Medium, Rows: f.Rows, Reason: f.Reason, Nonce: f.Nonce,
	}
	if f.Nonce != "" {
		c.AskedAt = timestamppb.Now()
	}
	if !f.AuthTime.IsZero() {
		c.AuthTime = timestamppb.New(f.AuthTime)
	}
	return c
}

// Run asks and prints the decision with all its reasons.
func (c *checkCmd) Run(a *app) error {
	if c.Explain || c.Reference {
		return c.explain(a)
	}
	d, err := ask(a, pb.NewAccessServiceClient, func(s pb.AccessServiceClient) (*pb.CheckAccessResponse, error) {
		return s.CheckAccess(a.ctx, c.question())
	})
	if err != nil {
		return err
	}
	err = a.show(d, func() { a.decision(d) })
	if err == nil && !d.Allowed {
		return errDenied
	}
	return err
}

// question is what is asked.
func (c *checkCmd) question() *pb.CheckAccessRequest {
	return &pb.CheckAccessRequest{
		Person: c.Person, Contract: c.Contract, Asset: c.Asset, Action: c.Action, Purpose: c.Purpose,
		Circumstances: c.Circumstances.wire(),
	}
}

// decision prints a decision.
func (a *app) decision(d *pb.CheckAccessResponse) {
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
	for _, o := range d.Obligations {
		a.printf("  must      %s\n", strings.Join(append([]string{o.Name, number(o.Number)}, o.Fields...), " "))
	}
}
