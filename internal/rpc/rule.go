package rpc

import (
	"cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func obligationFromWire(o *pb.Obligation) meibo.Obligation {
	return meibo.Obligation{Name: o.GetName(), Number: int(o.GetNumber()), Fields: o.GetFields()}
}

func provisosFromWire(list []*pb.Proviso) meibo.Packed[[]meibo.Proviso] {
	return meibo.Pack(each(list, func(p *pb.Proviso) meibo.Proviso {
		return meibo.Proviso{
			Purpose: meibo.PurposeCode(p.Purpose), CaseRef: p.CaseRef, AuthLevel: int(p.AuthLevel), Rows: int(p.Rows), Zones: p.Zones,
			Workplaces: p.Workplaces, Devices: p.Devices, Obligations: each(p.Obligations, obligationFromWire),
		}
	}))
}

func windowsFromWire(list []*pb.Window) meibo.Packed[[]meibo.Window] {
	return meibo.Pack(each(list, func(w *pb.Window) meibo.Window {
		return meibo.Window{Days: w.Days, From: w.From, Until: w.Until}
	}))
}

func permitFromWire(is *instants, at string, p *pb.Permit) meibo.Permit {
	return meibo.Permit{
		ID: meibo.PermitID(p.Id), ContractID: meibo.ContractID(p.Contract), PersonID: meibo.PersonID(p.Person),
		State: meibo.PermitState(cmp.Or(p.State, string(meibo.PermitGranted))), ApproverID: meibo.PersonID(p.Approver),
		Starts: day(p.Starts), Ends: day(p.Ends), RevokedAt: is.read(at+"revoked_at", p.RevokedAt),
		Assets: words[meibo.AssetID](p.Assets), Actions: words[meibo.Action](p.Actions), Purposes: words[meibo.PurposeCode](p.Purposes),
		Recipients: p.Recipients, Media: p.Media, Rows: int(p.Rows), Uses: int(p.Uses), CloseOut: p.CloseOut,
		Obligations: meibo.Pack(each(p.Obligations, obligationFromWire)), ReturnDue: day(p.ReturnDue),
		ReturnedAt: is.read(at+"returned_at", p.ReturnedAt),
	}
}

func serviceFromWire(s *pb.ServiceAccount) meibo.ServiceAccount {
	return meibo.ServiceAccount{
		ID: meibo.PersonID(s.Id), Name: s.Name, OwnerID: meibo.PersonID(s.Owner), ContractID: meibo.ContractID(s.Contract),
		Rights: meibo.Pack(each(s.Rights, func(r *pb.ServiceRight) meibo.MemberRight {
			return meibo.MemberRight{
				Asset: meibo.AssetID(r.Asset), Action: meibo.Action(r.Action), Purpose: meibo.PurposeCode(r.Purpose),
				From: day(r.From), Until: day(r.Until),
			}
		})),
	}
}

func delegationFromWire(is *instants, at string, d *pb.Delegation) meibo.Delegation {
	return meibo.Delegation{
		ID: meibo.DelegationID(d.Id), ContractID: meibo.ContractID(d.Contract), PersonID: meibo.PersonID(d.Person),
		PrincipalID: meibo.PersonID(d.Principal), Starts: day(d.Starts), Ends: day(d.Ends), RevokedAt: is.read(at+"revoked_at", d.RevokedAt),
	}
}

func parametersFromWire(p *pb.Parameters) meibo.Parameters {
	city := meibo.CityParameters{
		PledgeMonths: int(p.PledgeMonths), TrainingMonths: int(p.TrainingMonths), UnusedDays: int(p.UnusedDays),
		DecisionYears: int(p.DecisionYears), AnswerDays: int(p.AnswerDays), ClosedDays: each(p.ClosedDays, day), OpenDays: each(p.OpenDays, day), PledgeYears: int(p.PledgeYears),
		Duties: each(p.Duties, func(d *pb.Duty) meibo.Duty {
			return meibo.Duty{Importance: meibo.Importance(d.Importance), Action: meibo.Action(d.Action), Obligation: obligationFromWire(d.Obligation)}
		}),
		Classes: each(p.Classes, func(c *pb.ClassParameters) meibo.ClassParameters {
			return meibo.ClassParameters{
				Importance: meibo.Importance(c.Importance), MaxAgeSeconds: int(c.MaxAge), StalenessHours: int(c.StalenessHours), Zones: c.Zones,
				AuthLevel: int(c.AuthLevel), AuthMinutes: int(c.AuthMinutes), CaseRef: c.CaseRef, Rows: int(c.Rows),
				Permits: words[meibo.Action](c.Permits),
			}
		}),
	}
	if e := p.Emergency; e != nil {
		city.Emergency = meibo.EmergencyParameters{Enabled: e.Enabled, Minutes: int(e.Minutes), Purposes: words[meibo.PurposeCode](e.Purposes)}
	}
	return meibo.Parameters{ID: meibo.ParametersID, City: meibo.Pack(city)}
}
