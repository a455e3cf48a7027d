package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/goccy/go-yaml"
	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type applyCmd struct {
	File string `arg:"" help:"YAML file: organizations, assets, purposes, contracts, subcontracts, pledge_templates, systems."`
	Yes  bool   `short:"y" help:"Do not ask."`
	Plan bool   `help:"Show the difference and stop."`
	keyFlag
}

// Run shows what would change, asks, and applies.
func (c *applyCmd) Run(a *app) error {
	m, err := readMaster(c.File)
	if err != nil {
		return err
	}
	plan, err := ask(a, pb.NewMasterServiceClient, func(s pb.MasterServiceClient) (*pb.PlanMasterResponse, error) {
		return s.PlanMaster(a.ctx, &pb.PlanMasterRequest{Master: m})
	})
	if err != nil {
		return err
	}
	if c.Plan || len(plan.Changes) == 0 {
		return a.show(plan, func() { a.showPlan(plan) })
	}
	if !a.json {
		a.showPlan(plan)
	}
	if !a.yes(fmt.Sprintf("Apply %d changes?", len(plan.Changes)), c.Yes) {
		return errors.New("nothing was applied")
	}
	done, err := ask(a, pb.NewMasterServiceClient, func(s pb.MasterServiceClient) (*pb.ApplyMasterResponse, error) {
		return s.ApplyMaster(a.ctx, &pb.ApplyMasterRequest{IdempotencyKey: c.key(), Master: m, State: plan.State})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("Applied: %d items.\n", done.Items) })
}

// readMaster reads master data. A name that the wire does not know is an error.
func readMaster(file string) (*pb.Master, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %s", file, yaml.FormatError(err, false, true))
	}
	var m pb.Master
	if err := protojson.Unmarshal(asJSON, &m); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return &m, nil
}

func (a *app) showPlan(plan *pb.PlanMasterResponse) {
	if len(plan.Changes) == 0 {
		a.printf("Nothing differs from what is registered.\n")
	}
	for _, c := range plan.Changes {
		sign := "~"
		if c.Added {
			sign = "+"
		}
		a.printf("%s %s %s\n", sign, c.Section, c.Id)
		for _, f := range c.Fields {
			switch {
			case c.Added && f.After == "":
			case c.Added:
				a.printf("    %s: %s\n", f.Field, f.After)
			default:
				a.printf("    %s: %s -> %s\n", f.Field, orDash(f.Before), orDash(f.After))
			}
		}
	}
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
