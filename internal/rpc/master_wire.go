package rpc

import (
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// masterToWire writes master data so that masterFromWire reads the same.
func masterToWire(m meibo.Master) *pb.Master {
	return &pb.Master{
		Organizations: each(m.Organizations, func(o meibo.Organization) *pb.Organization {
			return &pb.Organization{
				Id: string(o.ID), Kind: string(o.Kind), Name: o.Name, CorporateNumber: o.CorporateNumber, Seat: o.Seat,
				DirectoryBase: o.DirectoryBase, NoticeTo: o.NoticeTo, DirectoryNames: o.DirectoryNames, MailDomains: o.MailDomains,
			}
		}),
		Assets: each(m.Assets, func(a meibo.Asset) *pb.Asset {
			return &pb.Asset{Id: string(a.ID), Name: a.Name, Importance: int32(a.Importance), MyNumber: a.MyNumber, State: string(a.State),
				Members: plain(a.Members), Purposes: plain(a.Purposes), Prohibited: plain(a.Prohibited), Provisos: provisosToWire(a.Provisos)}
		}),
		Purposes: each(m.Purposes, func(p meibo.Purpose) *pb.Purpose {
			return &pb.Purpose{Code: string(p.Code), Label: p.Label, Law: p.Law, Starts: string(p.Starts), Ends: string(p.Ends),
				Actions: plain(p.Actions), CaseRef: p.CaseRef, CaseForms: p.CaseForms}
		}),
		Contracts:    each(m.Contracts, contractToWire),
		Subcontracts: each(m.Subcontracts, subcontractToWire),
		PledgeTemplates: each(m.Templates, func(t meibo.PledgeTemplate) *pb.PledgeTemplate {
			return &pb.PledgeTemplate{
				Id: string(t.ID), Version: int32(t.Version), Variant: string(t.Variant), Text: t.Text, ValidFrom: string(t.ValidFrom),
				Resign: string(t.Resign), MandatoryFor: plain(t.MandatoryFor), GraceUntil: string(t.GraceUntil), Renewals: t.Renewals,
			}
		}),
		Parameters: parametersToWire(m.Parameters), Permits: each(m.Permits, permitToWire), ServiceAccounts: each(m.Services, serviceToWire),
		Delegations: each(m.Delegations, delegationToWire),
		Systems: each(m.Systems, func(s meibo.System) *pb.System {
			return &pb.System{
				Id: string(s.ID), Name: s.Name, Obligations: s.Obligations, Answers: string(s.Answers), Zones: s.Zones, OnBehalf: s.OnBehalf,
				Nonces:  s.Nonces,
				Aliases: each(s.Aliases.V, func(a meibo.Alias) *pb.Alias { return &pb.Alias{Kind: string(a.Kind), Word: a.Word, Means: a.Means} }),
				Scopes: each(s.Scopes, func(c meibo.Scope) *pb.Scope {
					return &pb.Scope{Contract: string(c.Contract), Assets: plain(c.Assets), Purposes: plain(c.Purposes)}
				}),
			}
		}),
	}
}

func contractToWire(c meibo.Contract) *pb.Contract {
	return &pb.Contract{
		Id: string(c.ID), Name: c.Name, Department: c.Department, Prime: string(c.PrimeID), Starts: string(c.Starts), Ends: string(c.Ends),
		State: string(c.State), TerminatedAt: c.TerminatedAt.String(), AckRequired: c.AckRequired, Responsible: string(c.Responsible),
		Supervisor: string(c.Supervisor), CatalogAccepted: string(c.CatalogAccepted), RenewalOf: string(c.RenewalOf),
		Assets: plain(c.Assets), Purposes: plain(c.Purposes), Prohibited: plain(c.Prohibited), NoticeTo: c.NoticeTo,
		NoticeWay: string(c.NoticeWay), NoticeUrl: c.NoticeURL,
		TrainingRequired: c.TrainingRequired, ReviewDue: string(c.ReviewDue), Workplaces: c.Workplaces, Devices: c.Devices,
		Hours: windowsToWire(c.Hours), Rows: int32(c.Rows), EmergencyStaff: plain(c.EmergencyStaff), Provisos: provisosToWire(c.Provisos),
	}
}

func subcontractToWire(s meibo.Subcontract) *pb.Subcontract {
	return &pb.Subcontract{
		Id: string(s.ID), Contract: string(s.ContractID), Parent: string(s.ParentID), Organization: string(s.OrganizationID),
		Consent: s.Consent, Depth: int32(s.Depth), Starts: string(s.Starts), Ends: string(s.Ends), PreNamed: s.PreNamed,
		StartedOn: string(s.StartedOn), FlowDownOn: string(s.FlowDownOn), RevokedAt: s.RevokedAt.String(),
		Assets: plain(s.Assets), Actions: plain(s.Actions), Purposes: plain(s.Purposes),
	}
}
