package rpc

import (
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func obligationToWire(o meibo.Obligation) *pb.Obligation {
	return &pb.Obligation{Name: o.Name, Number: int32(o.Number), Fields: o.Fields}
}

func provisosToWire(list meibo.Packed[[]meibo.Proviso]) []*pb.Proviso {
	return each(list.V, func(p meibo.Proviso) *pb.Proviso {
		return &pb.Proviso{
			Purpose: string(p.Purpose), CaseRef: p.CaseRef, AuthLevel: int32(p.AuthLevel), Rows: int32(p.Rows), Zones: p.Zones,
			Workplaces: p.Workplaces, Devices: p.Devices, Obligations: each(p.Obligations, obligationToWire),
		}
	})
}

func windowsToWire(list meibo.Packed[[]meibo.Window]) []*pb.Window {
	return each(list.V, func(w meibo.Window) *pb.Window {
		return &pb.Window{Days: w.Days, From: w.From, Until: w.Until}
	})
}

func permitToWire(p meibo.Permit) *pb.Permit {
	return &pb.Permit{
		Id: string(p.ID), Contract: string(p.ContractID), Person: string(p.PersonID), State: string(p.State), Approver: string(p.ApproverID),
		Starts: string(p.Starts), Ends: string(p.Ends), RevokedAt: p.RevokedAt.String(), Assets: plain(p.Assets), Actions: plain(p.Actions),
		Purposes: plain(p.Purposes), Recipients: p.Recipients, Media: p.Media, Rows: int32(p.Rows), Uses: int32(p.Uses), CloseOut: p.CloseOut,
		Obligations: each(p.Obligations.V, obligationToWire), ReturnDue: string(p.ReturnDue), ReturnedAt: p.ReturnedAt.String(),
	}
}

func serviceToWire(s meibo.ServiceAccount) *pb.ServiceAccount {
	return &pb.ServiceAccount{
		Id: string(s.ID), Name: s.Name, Owner: string(s.OwnerID), Contract: string(s.ContractID),
		Rights: each(s.Rights.V, func(r meibo.MemberRight) *pb.ServiceRight {
			return &pb.ServiceRight{
				Asset: string(r.Asset), Action: string(r.Action), Purpose: string(r.Purpose), From: string(r.From), Until: string(r.Until),
			}
		}),
	}
}

func delegationToWire(d meibo.Delegation) *pb.Delegation {
	return &pb.Delegation{
		Id: string(d.ID), Contract: string(d.ContractID), Person: string(d.PersonID), Principal: string(d.PrincipalID),
		Starts: string(d.Starts), Ends: string(d.Ends), RevokedAt: d.RevokedAt.String(),
	}
}

func parametersToWire(rows []meibo.Parameters) *pb.Parameters {
	if len(rows) == 0 {
		return nil
	}
	p := rows[0].City.V
	return &pb.Parameters{
		PledgeMonths: int32(p.PledgeMonths), TrainingMonths: int32(p.TrainingMonths), UnusedDays: int32(p.UnusedDays),
		DecisionYears: int32(p.DecisionYears), AnswerDays: int32(p.AnswerDays), ClosedDays: plain(p.ClosedDays), OpenDays: plain(p.OpenDays), PledgeYears: int32(p.PledgeYears),
		Duties: each(p.Duties, func(d meibo.Duty) *pb.Duty {
			return &pb.Duty{Importance: int32(d.Importance), Action: string(d.Action), Obligation: obligationToWire(d.Obligation)}
		}),
		Classes: each(p.Classes, func(c meibo.ClassParameters) *pb.ClassParameters {
			return &pb.ClassParameters{
				Importance: int32(c.Importance), MaxAge: int32(c.MaxAgeSeconds), StalenessHours: int32(c.StalenessHours), Zones: c.Zones,
				AuthLevel: int32(c.AuthLevel), AuthMinutes: int32(c.AuthMinutes), CaseRef: c.CaseRef, Rows: int32(c.Rows), Permits: plain(c.Permits),
			}
		}),
		Emergency: &pb.EmergencyParameters{
			Enabled: p.Emergency.Enabled, Minutes: int32(p.Emergency.Minutes), Purposes: plain(p.Emergency.Purposes),
		},
	}
}
