package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type whatIfCmd struct {
	File      string `arg:"" optional:"" help:"File of changes, as meibo submit takes it; its lines count as approved, notified and acknowledged."`
	Master    string `help:"Instead: master data in YAML, as meibo apply takes it." type:"path"`
	Model     string `help:"Instead: a rule of access, the file that stands for authz/model.conf." type:"path"`
	Checklist string `help:"Or the file that stands for authz/checklist.csv, or both." type:"path"`

	Preset       string `help:"Instead, in a word: unused (remove rights without use), narrow (to the purposes used), without (an action), end (a subcontractor, today), acknowledge (rights wait for the city's), mandatory (pledges signed again)." enum:"unused,narrow,without,end,acknowledge,mandatory," default:""`
	Contract     string `help:"Of a preset: on this contract only."`
	UnusedDays   int32  `help:"Of unused and narrow: use in the last so many days counts; as the city has settled when left out."`
	Action       string `help:"Of without: the action." default:"export"`
	Organization string `help:"Of end: the subcontractor."`
	Template     string `help:"Of mandatory: id of the wording; all when left out."`
	From         string `help:"Of mandatory: the first day."`
	Save         string `help:"Write what a preset of a roster comes to into a new file of changes (変更届), for meibo submit." type:"path"`

	Days  int32  `help:"Ask what was asked in the last so many days." default:"30"`
	At    string `help:"At which instant to ask: ahead, such as 2027-04-01T09:00:00+09:00. Now when left out."`
	Limit int32  `help:"How many different questions to ask at most, up to 50000." default:"50000"`
}

// Run asks what was asked before again, of the ledger as it is and as it would be,
// and prints what would be answered differently.
func (c *whatIfCmd) Run(a *app) error {
	request, err := c.request(a)
	if err != nil {
		return err
	}
	s, err := ask(a, pb.NewDecisionServiceClient, func(d pb.DecisionServiceClient) (*pb.SimulateChangeResponse, error) {
		return d.SimulateChange(a.ctx, request)
	})
	if err != nil {
		return err
	}
	if err := c.save(s.Draft); err != nil {
		return err
	}
	return a.show(s, func() { a.simulation(s) })
}

func (c *whatIfCmd) request(a *app) (request *pb.SimulateChangeRequest, err error) {
	request = &pb.SimulateChangeRequest{Days: c.Days, At: c.At, Limit: c.Limit}
	given := 0
	for _, is := range []bool{c.File != "", c.Master != "", c.Model+c.Checklist != "", c.Preset != ""} {
		if is {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, errors.New("name either a file of changes, --master with a file of master data, --model or --checklist with a rule, or --preset")
	case c.Save != "" && c.Preset == "":
		return nil, errors.New("only what a preset comes to can be saved")
	case c.Master != "":
		request.Master, err = readMaster(c.Master)
	case c.File != "":
		request.Lines, err = (&submitCmd{File: c.File}).read(a)
	case c.Preset != "":
		request.Preset = &pb.Preset{
			Kind: c.Preset, Contract: c.Contract, Days: c.UnusedDays, Action: c.Action, Organization: c.Organization, Template: c.Template, From: c.From,
		}
	default:
		request.Rule, err = c.rule()
	}
	return request, err
}

// rule reads the files of a rule that are named.
func (c *whatIfCmd) rule() (*pb.CandidateRule, error) {
	var rule pb.CandidateRule
	for _, f := range []struct {
		path string
		text *string
	}{{c.Model, &rule.Model}, {c.Checklist, &rule.Checklist}} {
		if f.path == "" {
			continue
		}
		content, err := os.ReadFile(f.path)
		if err != nil {
			return nil, err
		}
		*f.text = string(content)
	}
	return &rule, nil
}

// save writes a draft, where that is asked for. Nothing is submitted.
func (c *whatIfCmd) save(draft []*pb.Line) error {
	if c.Save == "" {
		return nil
	}
	return saveLines(c.Save, draft)
}

// saveLines writes lines that name people by id into a file that does not exist yet.
func saveLines(file string, draft []*pb.Line) error {
	lines := make([]meibo.Line, len(draft))
	for i, l := range draft {
		lines[i] = meibo.Line{
			Operation: meibo.Operation(l.Operation), ContractID: meibo.ContractID(l.Contract), PersonID: meibo.PersonID(l.Person),
			EmployerID: meibo.OrganizationID(l.Employer), Employment: meibo.Employment(l.Employment), AssetID: meibo.AssetID(l.Asset),
			Action: meibo.Action(l.Action), Purpose: meibo.PurposeCode(l.Purpose), Starts: meibo.Date(l.From), Ends: meibo.Date(l.Until),
			Workplace: l.Workplace, Task: l.Task, Reason: meibo.Reason(l.Reason), Pledge: meibo.PledgeClaim(l.Pledge),
		}
	}
	return writeFile(file, document.WriteChanges(lines))
}

// simulation prints what would differ.
func (a *app) simulation(s *pb.SimulateChangeResponse) {
	a.printf("%d questions of %d decisions since %s, asked at %s, now and with the change\n", s.Questions, s.Decisions, when(s.Since), when(s.At))
	if s.Cut {
		a.printf("not all of the days: there were more questions than --limit\n")
	}
	a.differing(fmt.Sprintf("newly denied: %d", s.NewlyDenied), s.Denied)
	a.differing(fmt.Sprintf("newly allowed: %d", s.NewlyAllowed), s.Allowed)
	if s.Unexpected {
		a.printf("ATTENTION: this should only take away, and yet it allows something new\n")
	}
	if s.DifferencesCut {
		a.printf("there are more that differ than are listed\n")
	}
	a.printf("still allowed: %d\nstill denied: %d\n", s.StillAllowed, s.StillDenied)
	if len(s.Draft) > 0 {
		a.printf("draft of a change: %d lines; nothing is submitted\n", len(s.Draft))
	}
}

func (a *app) differing(heading string, list []*pb.SimulatedDifference) {
	a.printf("%s\n", heading)
	if len(list) == 0 {
		return
	}
	var rows [][]string
	for _, d := range list {
		rows = append(rows, []string{
			d.Person, d.Contract, d.Asset, d.Action, d.Purpose, d.System, fmt.Sprint(d.Asked), when(d.LastAsked), when(d.LastAllowed), strings.Join(d.Codes, ","),
		})
	}
	a.table("PERSON CONTRACT ASSET ACTION PURPOSE SYSTEM ASKED LAST-ASKED LAST-ALLOWED CODES", rows)
}
