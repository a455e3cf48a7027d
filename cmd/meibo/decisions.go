package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type decideCmd struct {
	List   decideListCmd   `cmd:"" default:"withargs" help:"List decisions, the newest first."`
	Export decideExportCmd `cmd:"" help:"Write all decisions that are selected, the oldest first, as NDJSON or CSV."`
	Report decideReportCmd `cmd:"" help:"Count decisions; look back on removals that were recorded late."`
	Show   decideShowCmd   `cmd:"" help:"Show one decision with all its reasons."`
}

// decideFlags select decisions.
type decideFlags struct {
	Person   string `help:"Id of the person."`
	System   string `help:"Id of the asking system."`
	Contract string `help:"Contract number."`
	Asset    string `help:"Id of the asset."`
	Action   string `help:"Action."`
	Purpose  string `help:"Purpose, or a node above it."`
	Code     string `help:"Among the codes or the advice, such as PLEDGE_MISSING."`
	Allowed  string `help:"yes or no." enum:"yes,no," default:""`
	From     string `help:"Since: a day in Japan, or a moment such as 2026-10-15T09:00:00+09:00."`
	Until    string `help:"Before a moment, or up to the end of a day."`
}

func (f decideFlags) wire() *pb.DecisionFilter {
	return &pb.DecisionFilter{
		Person: f.Person, System: f.System, Contract: f.Contract, Asset: f.Asset, Action: f.Action, Purpose: f.Purpose, Code: f.Code,
		Allowed: f.Allowed, From: momentOf(f.From, meibo.Date.Start), Until: momentOf(f.Until, meibo.Date.End),
	}
}

// momentOf turns a day into one of its ends; what is no day stays as it is.
func momentOf(text string, end func(meibo.Date) meibo.Instant) string {
	if text == "" {
		return ""
	}
	if d, err := meibo.ParseDate(text); err == nil {
		return end(d).Time().Format(time.RFC3339Nano)
	}
	return text
}

type decideListCmd struct {
	decideFlags `embed:""`
	Limit       int32  `help:"How many, up to 500." default:"50"`
	Token       string `help:"Continue: next_token of the page before."`
}

// Run lists a page.
func (c *decideListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewDecisionServiceClient, func(s pb.DecisionServiceClient) (*pb.ListDecisionsResponse, error) {
		return s.ListDecisions(a.ctx, &pb.ListDecisionsRequest{Filter: c.wire(), Limit: c.Limit, Token: c.Token})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		a.decided(list.Decisions)
		if list.NextToken != "" {
			a.printf("more: --token %s\n", list.NextToken)
		}
	})
}

// decided prints decisions, one a line.
func (a *app) decided(list []*pb.RecordedDecision) {
	var rows [][]string
	for _, d := range list {
		rows = append(rows, []string{
			when(d.At), allowOrDeny(d.Allowed), d.Person, d.Contract, d.Asset, d.Action, d.Purpose, d.System, strings.Join(append(d.Codes, d.Advice...), ","), d.Id,
		})
	}
	a.table("AT DECISION PERSON CONTRACT ASSET ACTION PURPOSE SYSTEM CODES ID", rows)
}

func allowOrDeny(allowed bool) string {
	if allowed {
		return "ALLOW"
	}
	return "DENY"
}

type decideReportCmd struct {
	decideFlags `embed:""`
}

// Run prints counts and what was looked back on.
func (c *decideReportCmd) Run(a *app) error {
	report, err := ask(a, pb.NewDecisionServiceClient, func(s pb.DecisionServiceClient) (*pb.ReportDecisionsResponse, error) {
		return s.ReportDecisions(a.ctx, &pb.ReportDecisionsRequest{Filter: c.wire()})
	})
	if err != nil {
		return err
	}
	return a.show(report, func() {
		var rows [][]string
		for _, n := range report.Counts {
			rows = append(rows, []string{
				fmt.Sprint(n.Decisions), fmt.Sprint(n.People), allowOrDeny(n.Allowed), n.PrimaryCode, n.Contract, n.Asset, n.Action, n.Purpose, n.System,
				when(n.First), when(n.Last),
			})
		}
		a.table("DECISIONS PEOPLE DECISION CODE CONTRACT ASSET ACTION PURPOSE SYSTEM FIRST LAST", rows)
		for _, b := range report.LookBack {
			what := strings.TrimSpace(strings.Join([]string{b.Asset, b.Action, b.Purpose}, " "))
			a.printf("\nlook-back: %s on %s %s: should have ended %s, recorded %s (change %s row %d): %d allowed in between\n",
				b.Person, b.Contract, orDash(what), when(b.Effective), when(b.Recorded), b.Change, b.Row, len(b.Allowed))
			if len(b.Allowed) > 0 {
				a.decided(b.Allowed)
			}
		}
	})
}

type decideShowCmd struct {
	Decision string `arg:"" help:"Id of the decision."`
}

// Run prints a decision.
func (c *decideShowCmd) Run(a *app) error {
	found, err := ask(a, pb.NewDecisionServiceClient, func(s pb.DecisionServiceClient) (*pb.GetDecisionResponse, error) {
		return s.GetDecision(a.ctx, &pb.GetDecisionRequest{Id: c.Decision})
	})
	if err != nil {
		return err
	}
	return a.show(found, func() {
		d := found.Decision
		a.printf("%s  %s at %s\n", allowOrDeny(d.Allowed), d.Id, when(d.At))
		for _, line := range [][2]string{
			{"person", d.Person}, {"contract", d.Contract}, {"asset", d.Asset}, {"action", d.Action}, {"purpose", d.Purpose},
			{"system", d.System}, {"client", d.Client}, {"right", d.Right}, {"permit", d.Permit}, {"retries", d.Retries},
		} {
			if line[1] != "" {
				a.printf("  %-9s %s\n", line[0], line[1])
			}
		}
		for _, r := range found.Reasons {
			a.printf("  %-9s %s (%s) %s\n", "code", r.Code, strings.Join(r.Clauses, ", "), r.Message)
		}
		a.printf("  %-9s %d of %s, roster version %s, rule %s\n", "revision", d.Revision, d.Epoch, orDash(number(d.RosterVersion)), d.Policy)
		a.printf("  %-9s line %d of batch %d of chain %s\n", "record", d.Line, d.Batch, d.Writer)
	})
}
