package main

import (
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type holdCmd struct {
	Open holdOpenCmd `cmd:"" help:"Stop at once what involves a person, a contract, an asset, or all that are named together."`
	Lift holdLiftCmd `cmd:"" help:"End a hold."`
	List holdListCmd `cmd:"" help:"List holds, the newest first."`
}

type holdOpenCmd struct {
	Kind      string `default:"incident" help:"incident: nothing is allowed; legal: nothing may be changed; shared: a credential seems to be used by more than one human."`
	Person    string `help:"Id of the person."`
	Contract  string `help:"Contract number."`
	Asset     string `help:"Id of the asset."`
	Reference string `help:"Number of the incident's file."`
	keyFlag
}

// Run opens a hold.
func (c *holdOpenCmd) Run(a *app) error {
	done, err := ask(a, pb.NewHoldServiceClient, func(s pb.HoldServiceClient) (*pb.OpenHoldResponse, error) {
		return s.OpenHold(a.ctx, &pb.OpenHoldRequest{IdempotencyKey: c.key(), Hold: &pb.Hold{
			Kind: c.Kind, Person: c.Person, Contract: c.Contract, Asset: c.Asset, Reference: c.Reference,
		}})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() {
		a.printf("Hold %s is in force since %s. It ends with: meibo hold lift %[1]s\n", done.Hold, when(done.At))
	})
}

type holdLiftCmd struct {
	Hold string `arg:"" help:"Id of the hold."`
	keyFlag
}

// Run lifts a hold.
func (c *holdLiftCmd) Run(a *app) error {
	done, err := ask(a, pb.NewHoldServiceClient, func(s pb.HoldServiceClient) (*pb.LiftHoldResponse, error) {
		return s.LiftHold(a.ctx, &pb.LiftHoldRequest{IdempotencyKey: c.key(), Hold: c.Hold})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("Hold %s has ended at %s.\n", done.Hold, when(done.At)) })
}

type holdListCmd struct{}

// Run lists holds.
func (c *holdListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewHoldServiceClient, func(s pb.HoldServiceClient) (*pb.ListHoldsResponse, error) {
		return s.ListHolds(a.ctx, &pb.ListHoldsRequest{})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, h := range list.Holds {
			rows = append(rows, []string{h.Id, h.Kind, h.Person, h.Contract, h.Asset, h.Reference, when(h.OpenedAt), when(h.LiftedAt)})
		}
		a.table("HOLD KIND PERSON CONTRACT ASSET REFERENCE OPENED LIFTED", rows)
	})
}

type urgentCmd struct {
	List   emergencyListCmd   `cmd:"" help:"List the claims of emergencies under a contract."`
	Review emergencyReviewCmd `cmd:"" help:"Confirm that a claim was looked into; until then no other is allowed."`
}

type emergencyListCmd struct {
	Contract string `arg:"" help:"Contract number."`
}

// Run lists claims.
func (c *emergencyListCmd) Run(a *app) error {
	list, err := ask(a, pb.NewEmergencyServiceClient, func(s pb.EmergencyServiceClient) (*pb.ListEmergenciesResponse, error) {
		return s.ListEmergencies(a.ctx, &pb.ListEmergenciesRequest{Contract: c.Contract})
	})
	if err != nil {
		return err
	}
	return a.show(list, func() {
		var rows [][]string
		for _, e := range list.Emergencies {
			rows = append(rows, []string{e.Id, e.Person, e.Decision, when(e.Since), when(e.ReviewedAt), e.ReviewedBy})
		}
		a.table("EMERGENCY PERSON DECISION SINCE REVIEWED BY", rows)
	})
}

type emergencyReviewCmd struct {
	Emergency string `arg:"" help:"Id of the claim."`
	keyFlag
}

// Run confirms a claim.
func (c *emergencyReviewCmd) Run(a *app) error {
	done, err := ask(a, pb.NewEmergencyServiceClient, func(s pb.EmergencyServiceClient) (*pb.ReviewEmergencyResponse, error) {
		return s.ReviewEmergency(a.ctx, &pb.ReviewEmergencyRequest{IdempotencyKey: c.key(), Emergency: c.Emergency})
	})
	if err != nil {
		return err
	}
	return a.show(done, func() { a.printf("Emergency %s is confirmed at %s.\n", done.Emergency, when(done.At)) })
}
