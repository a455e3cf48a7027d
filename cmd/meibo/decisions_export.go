package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type decideExportCmd struct {
	decideFlags `embed:""`
	Format      string `help:"ndjson: the records as they are kept, canonical JSON, one a line; csv: a table in which nothing is a formula." enum:"ndjson,csv" default:"ndjson"`
}

// Run writes all pages to the standard output.
func (c *decideExportCmd) Run(a *app) error {
	write, end := writeRecords(a.stdout)
	if c.Format == "csv" {
		write, end = writeTable(a.stdout)
	}
	_, err := ask(a, pb.NewDecisionServiceClient, func(s pb.DecisionServiceClient) (struct{}, error) {
		request := &pb.ListDecisionsRequest{Filter: c.wire(), OldestFirst: true, Limit: 500, Records: true}
		for {
			page, err := s.ListDecisions(a.ctx, request)
			if err != nil {
				return struct{}{}, err
			}
			for _, d := range page.Decisions {
				if err := write(d); err != nil {
					return struct{}{}, err
				}
			}
			if request.Token = page.NextToken; request.Token == "" {
				return struct{}{}, end()
			}
		}
	})
	return err
}

// writeRecords writes the records, one a line.
func writeRecords(w io.Writer) (write func(*pb.RecordedDecision) error, end func() error) {
	return func(d *pb.RecordedDecision) error {
		_, err := io.WriteString(w, d.Record+"\n")
		return err
	}, func() error { return nil }
}

// columns of the table of decisions.
var columns = []string{
	"id", "at", "allowed", "primary_code", "codes", "advice", "obligations", "person", "contract", "asset", "action", "purpose", "system", "client",
	"zone", "workplace", "device", "mode", "auth_level", "auth_time", "on_behalf_of", "case_ref", "permit", "recipient", "medium", "rows", "reason", "nonce",
	"right", "roster_version", "revision", "retries", "policy",
}

// writeTable writes CSV for spreadsheets: with a byte order mark, so that they read
// it as UTF-8, and no cell that they would compute.
func writeTable(w io.Writer) (write func(*pb.RecordedDecision) error, end func() error) {
	io.WriteString(w, "\uFEFF")
	table := csv.NewWriter(w)
	table.UseCRLF = true
	table.Write(columns)
	return func(d *pb.RecordedDecision) error { return table.Write(document.Inert(cellsOf(d)...)) },
		func() error { table.Flush(); return table.Error() }
}

func cellsOf(d *pb.RecordedDecision) []string {
	var must []string
	for _, o := range d.Obligations {
		must = append(must, strings.Join(append([]string{o.Name, number(o.Number)}, o.Fields...), ":"))
	}
	c := d.Circumstances
	return []string{
		d.Id, exactly(d.At), fmt.Sprint(d.Allowed), d.PrimaryCode, strings.Join(d.Codes, " "), strings.Join(d.Advice, " "), strings.Join(must, " "),
		d.Person, d.Contract, d.Asset, d.Action, d.Purpose, d.System, d.Client,
		c.GetZone(), c.GetWorkplace(), c.GetDevice(), c.GetMode(), number(c.GetAuthLevel()), exactly(c.GetAuthTime()), c.GetOnBehalfOf(), c.GetCaseRef(),
		c.GetPermit(), c.GetRecipient(), c.GetMedium(), number(c.GetRows()), c.GetReason(), c.GetNonce(),
		d.Right, number(d.RosterVersion), fmt.Sprint(d.Revision), d.Retries, d.Policy,
	}
}

// exactly is a moment in Japan with all its digits.
func exactly(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().In(meibo.JST).Format("2006-01-02T15:04:05.000000-07:00")
}
