package rpc

import (
	"cmp"
	"context"
	"fmt"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type masterService struct {
	pb.UnimplementedMasterServiceServer
	ledger *ledger.Ledger
}

func (s masterService) GetMaster(ctx context.Context, _ *pb.GetMasterRequest) (*pb.GetMasterResponse, error) {
	m, err := s.ledger.Master(ctx, callerOf(ctx))
	return &pb.GetMasterResponse{Master: masterToWire(m)}, err
}

func (s masterService) PlanMaster(ctx context.Context, r *pb.PlanMasterRequest) (*pb.PlanMasterResponse, error) {
	m, err := masterFromWire(r.Master)
	if err != nil {
		return nil, err
	}
	plan, err := s.ledger.PlanMaster(ctx, callerOf(ctx), m)
	return &pb.PlanMasterResponse{Changes: each(plan.Changes, masterChangeToWire), State: plan.State}, err
}

func (s masterService) ApplyMaster(ctx context.Context, r *pb.ApplyMasterRequest) (*pb.ApplyMasterResponse, error) {
	m, err := masterFromWire(r.Master)
	if err != nil {
		return nil, err
	}
	done, err := s.ledger.ApplyMaster(ctx, callerOf(ctx), r.IdempotencyKey, m, r.State)
	return &pb.ApplyMasterResponse{Items: int32(done.Items)}, err
}

func masterChangeToWire(c meibo.MasterChange) *pb.MasterChange {
	return &pb.MasterChange{
		Section: c.Section, Id: c.ID, Added: c.New,
		Fields: each(c.Fields, func(f meibo.FieldChange) *pb.FieldChange {
			return &pb.FieldChange{Field: f.Field, Before: f.Before, After: f.After}
		}),
	}
}

// masterFromWire reads master data. Vocabularies that are left out get the value
// that their field's comment names.
func masterFromWire(m *pb.Master) (meibo.Master, error) {
	var is instants
	out := meibo.Master{
		Organizations: each(m.GetOrganizations(), organizationFromWire),
		Assets:        each(m.GetAssets(), assetFromWire),
		Systems:       each(m.GetSystems(), systemFromWire),
		Services:      each(m.GetServiceAccounts(), serviceFromWire),
	}
	for _, p := range m.GetPurposes() {
		out.Purposes = append(out.Purposes, meibo.Purpose{
			Code: meibo.PurposeCode(p.Code), Label: p.Label, Law: p.Law, Starts: day(p.Starts), Ends: day(p.Ends),
			Actions: words[meibo.Action](p.Actions), CaseRef: p.CaseRef, CaseForms: p.CaseForms,
		})
	}
	for i, c := range m.GetContracts() {
		out.Contracts = append(out.Contracts, contractFromWire(&is, fmt.Sprintf("contracts[%d].", i), c))
	}
	for i, s := range m.GetSubcontracts() {
		out.Subcontracts = append(out.Subcontracts, subcontractFromWire(&is, fmt.Sprintf("subcontracts[%d].", i), s))
	}
	for _, t := range m.GetPledgeTemplates() {
		out.Templates = append(out.Templates, meibo.PledgeTemplate{
			ID: meibo.TemplateID(t.Id), Version: int(t.Version), Variant: meibo.TemplateVariant(t.Variant), Text: t.Text,
			TextHash: meibo.HashText(t.Text), ValidFrom: day(t.ValidFrom),
			Resign: meibo.Resign(cmp.Or(t.Resign, string(meibo.ResignNone))), MandatoryFor: words[meibo.ContractID](t.MandatoryFor),
			GraceUntil: day(t.GraceUntil), Renewals: t.Renewals,
		})
	}
	for i, p := range m.GetPermits() {
		out.Permits = append(out.Permits, permitFromWire(&is, fmt.Sprintf("permits[%d].", i), p))
	}
	for i, d := range m.GetDelegations() {
		out.Delegations = append(out.Delegations, delegationFromWire(&is, fmt.Sprintf("delegations[%d].", i), d))
	}
	if m.GetParameters() != nil {
		out.Parameters = []meibo.Parameters{parametersFromWire(m.Parameters)}
	}
	return out, is.problems.Err()
}

func organizationFromWire(o *pb.Organization) meibo.Organization {
	return meibo.Organization{
		ID: meibo.OrganizationID(o.Id), Kind: meibo.OrganizationKind(o.Kind), Name: o.Name, CorporateNumber: o.CorporateNumber, Seat: o.Seat,
		DirectoryBase: o.DirectoryBase, NoticeTo: o.NoticeTo, DirectoryNames: o.DirectoryNames, MailDomains: o.MailDomains,
	}
}

func assetFromWire(a *pb.Asset) meibo.Asset {
	return meibo.Asset{
		ID: meibo.AssetID(a.Id), Name: a.Name, Importance: meibo.Importance(a.Importance), MyNumber: a.MyNumber,
		State:   meibo.AssetState(cmp.Or(a.State, string(meibo.AssetActive))),
		Members: words[meibo.AssetID](a.Members), Purposes: words[meibo.PurposeCode](a.Purposes),
		Prohibited: words[meibo.PurposeCode](a.Prohibited), Provisos: provisosFromWire(a.Provisos),
	}
}

func systemFromWire(s *pb.System) meibo.System {
	return meibo.System{
		ID: meibo.SystemID(s.Id), Name: s.Name, Obligations: s.Obligations,
		Answers: meibo.AnswerDetail(cmp.Or(s.Answers, string(meibo.AnswersCodes))), Zones: s.Zones, OnBehalf: s.OnBehalf, Nonces: s.Nonces,
		Aliases: meibo.Pack(each(s.Aliases, func(a *pb.Alias) meibo.Alias {
			return meibo.Alias{Kind: meibo.AliasKind(a.Kind), Word: a.Word, Means: a.Means}
		})),
		Scopes: each(s.Scopes, func(c *pb.Scope) meibo.Scope {
			return meibo.Scope{
				Contract: meibo.ContractID(c.Contract), Assets: words[meibo.AssetID](c.Assets), Purposes: words[meibo.PurposeCode](c.Purposes),
			}
		}),
	}
}

func contractFromWire(is *instants, at string, c *pb.Contract) meibo.Contract {
	return meibo.Contract{
		ID: meibo.ContractID(c.Id), Name: c.Name, Department: c.Department, PrimeID: meibo.OrganizationID(c.Prime),
		Starts: day(c.Starts), Ends: day(c.Ends),
		State:        meibo.ContractState(cmp.Or(c.State, string(meibo.ContractActive))),
		TerminatedAt: is.read(at+"terminated_at", c.TerminatedAt), AckRequired: c.AckRequired,
		Responsible: meibo.Personal(c.Responsible), Supervisor: meibo.Personal(c.Supervisor),
		CatalogAccepted: day(c.CatalogAccepted), RenewalOf: meibo.ContractID(c.RenewalOf),
		Assets: words[meibo.AssetID](c.Assets), Purposes: words[meibo.PurposeCode](c.Purposes),
		Prohibited: words[meibo.PurposeCode](c.Prohibited), NoticeTo: c.NoticeTo,
		NoticeWay: meibo.NoticeWay(c.NoticeWay), NoticeURL: c.NoticeUrl,
		TrainingRequired: c.TrainingRequired, ReviewDue: day(c.ReviewDue), Workplaces: c.Workplaces, Devices: c.Devices,
		Hours: windowsFromWire(c.Hours), Rows: int(c.Rows), EmergencyStaff: words[meibo.PersonID](c.EmergencyStaff),
		Provisos: provisosFromWire(c.Provisos),
	}
}

func subcontractFromWire(is *instants, at string, s *pb.Subcontract) meibo.Subcontract {
	return meibo.Subcontract{
		ID: meibo.SubcontractID(s.Id), ContractID: meibo.ContractID(s.Contract), ParentID: meibo.OrganizationID(s.Parent),
		OrganizationID: meibo.OrganizationID(s.Organization), Consent: s.Consent, Depth: int(s.Depth),
		Starts: day(s.Starts), Ends: day(s.Ends), PreNamed: s.PreNamed,
		StartedOn: day(s.StartedOn), FlowDownOn: day(s.FlowDownOn),
		RevokedAt: is.read(at+"revoked_at", s.RevokedAt), Assets: words[meibo.AssetID](s.Assets),
		Actions: words[meibo.Action](s.Actions), Purposes: words[meibo.PurposeCode](s.Purposes),
	}
}
