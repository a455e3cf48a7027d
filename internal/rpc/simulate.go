package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func (s decisionService) SimulateChange(ctx context.Context, r *pb.SimulateChangeRequest) (*pb.SimulateChangeResponse, error) {
	w, err := whatIfFromWire(r)
	if err != nil {
		return nil, err
	}
	is, err := s.ledger.Simulate(ctx, callerOf(ctx), w)
	if err != nil {
		return nil, err
	}
	return &pb.SimulateChangeResponse{
		At: wireTime(is.At), Since: wireTime(is.Since), Cut: is.Cut, Decisions: int64(is.Decisions), Questions: int64(is.Questions),
		StillAllowed: int64(is.StillAllowed), StillDenied: int64(is.StillDenied), NewlyDenied: int64(is.NewlyDenied), NewlyAllowed: int64(is.NewlyAllowed),
		Denied: each(is.Denied, differingToWire), Allowed: each(is.Allowed, differingToWire), DifferencesCut: is.DiffersCut,
		Draft: each(is.Draft, lineToWire), Unexpected: is.Unexpected,
	}, nil
}

func whatIfFromWire(r *pb.SimulateChangeRequest) (ledger.WhatIf, error) {
	var is instants
	w := ledger.WhatIf{Days: int(r.Days), At: is.read("at", r.At), Limit: int(r.Limit)}
	if err := is.problems.Err(); err != nil {
		return w, err
	}
	if rule := r.Rule; rule != nil {
		w.Rule = &ledger.Rule{Model: rule.Model, Checklist: rule.Checklist}
	}
	if p := r.Preset; p != nil {
		w.Preset = &meibo.Preset{
			Kind: meibo.PresetKind(p.Kind), ContractID: meibo.ContractID(p.Contract), Days: int(p.Days), Action: meibo.Action(p.Action),
			OrganizationID: meibo.OrganizationID(p.Organization), TemplateID: meibo.TemplateID(p.Template), From: day(p.From),
		}
	}
	var err error
	if w.Lines, err = linesFromWire(r.Lines); err != nil || r.Master == nil {
		return w, err
	}
	m, err := masterFromWire(r.Master)
	w.Master = &m
	return w, err
}

func differingToWire(d ledger.Differing) *pb.SimulatedDifference {
	return &pb.SimulatedDifference{
		Person: string(d.PersonID), Contract: string(d.ContractID), Asset: string(d.AssetID), Action: string(d.Action),
		Purpose: string(d.Purpose), System: string(d.SystemID), Codes: d.Codes, Asked: int64(d.Asked),
		LastAsked: wireTime(d.LastAsked), LastAllowed: wireTime(d.LastAllowed),
	}
}
