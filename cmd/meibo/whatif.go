package main

import (
	"errors"
	"fmt"
	"strings"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type whatIfCmd struct {
	File   string `arg:"" optional:"" help:"File of changes, as meibo submit takes it; its lines count as approved, notified and acknowledged."`
	Master string `help:"Instead: master data in YAML, as meibo apply takes it." type:"path"`
	Days   int32  `help:"Ask what was asked in the last so many days." default:"30"`
	At     string `help:"At which instant to ask: ahead, such as 2027-04-01T09:00:00+09:00. Now when left out."`
	Limit  int32  `help:"How many different questions to ask at most, up to 50000." default:"50000"`
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
	return a.show(s, func() { a.simulation(s) })
}

func (c *whatIfCmd) request(a *app) (request *pb.SimulateChangeRequest, err error) {
	request = &pb.SimulateChangeRequest{Days: c.Days, At: c.At, Limit: c.Limit}
	switch {
	case (c.File == "") == (c.Master == ""):
		return nil, errors.New("name either a file of changes or --master with a file of master data")
	case c.Master != "":
		request.Master, err = readMaster(c.Master)
	default:
		request.Lines, err = (&submitCmd{File: c.File}).read(a)
	}
	return request, err
}

// simulation prints what would differ.
func (a *app) simulation(s *pb.SimulateChangeResponse) {
	a.printf("%d questions of %d decisions since %s, asked at %s, now and with the change\n", s.Questions, s.Decisions, when(s.Since), when(s.At))
	if s.Cut {
		a.printf("not all of the days: there were more questions than --limit\n")
	}
	a.differing(fmt.Sprintf("newly denied: %d", s.NewlyDenied), s.Denied)
	a.differing(fmt.Sprintf("newly allowed: %d", s.NewlyAllowed), s.Allowed)
	if s.DifferencesCut {
		a.printf("there are more that differ than are listed\n")
	}
	a.printf("still allowed: %d\nstill denied: %d\n", s.StillAllowed, s.StillDenied)
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
