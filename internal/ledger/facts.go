package ledger

import (
	"cmp"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// The functions below write rows in the words of the rule. Nothing is decided
// here, and no clock is read: facts carry moments.

// term is a period of civil days in Japan, both included.
func term(starts, ends meibo.Date) authz.Term {
	t := authz.Term{From: starts.Start().Time()}
	if ends != "" {
		t.Until = ends.End().Time()
	}
	return t
}

func systemOf(s meibo.System) authz.System {
	system := authz.System{ID: string(s.ID), Zones: only(s.Zones), OnBehalf: s.OnBehalf, Nonces: s.Nonces}
	for _, o := range s.Obligations {
		system.Obligations = append(system.Obligations, authz.ObligationName(o))
	}
	for _, scope := range s.Scopes {
		for _, asset := range scope.Assets {
			for _, purpose := range scope.Purposes {
				system.Scopes = append(system.Scopes, authz.Scope{
					Contract: string(scope.Contract), Asset: string(asset), Purpose: string(purpose),
				})
			}
		}
	}
	return system
}

// assetOf writes an asset with what it holds.
func assetOf(a meibo.Asset, all map[meibo.AssetID]meibo.Asset) authz.Asset {
	asset := authz.Asset{
		ID: string(a.ID), Importance: int(a.Importance), State: authz.AssetState(a.State), Purposes: only(a.Purposes),
		Prohibited: plain(a.Prohibited), Provisos: provisosOf(a.Provisos.V),
	}
	for _, id := range a.Members {
		asset.Members = append(asset.Members, assetOf(all[id], nil))
	}
	return asset
}

func purposeOf(p meibo.Purpose, leaf bool) authz.Purpose {
	purpose := authz.Purpose{
		Code: string(p.Code), Leaf: leaf, Term: term(p.Starts, p.Ends), Actions: only(p.Actions), CaseRef: p.CaseRef, CaseForms: only(p.CaseForms),
	}
	if p.Starts == "" { // it may always have been declared
		purpose.Term.From = time.Unix(1, 0)
	}
	return purpose
}

func contractOf(c meibo.Contract, emergencies []meibo.Emergency) authz.Contract {
	contract := authz.Contract{
		ID: string(c.ID), Prime: string(c.PrimeID), State: authz.ContractActive, Complete: c.Complete(),
		Term: term(c.Starts, c.Ends), Assets: plain(c.Assets), Purposes: plain(c.Purposes), Prohibited: plain(c.Prohibited),
		Provisos: provisosOf(c.Provisos.V), AcknowledgementRequired: c.AckRequired, TrainingRequired: c.TrainingRequired,
		Workplaces: only(c.Workplaces), Devices: only(c.Devices), Hours: hoursOf(c.Hours.V), Rows: c.Rows,
		EmergencyStaff: plain(c.EmergencyStaff),
	}
	if c.ReviewDue != "" {
		contract.ReviewDue = c.ReviewDue.End().Time()
	}
	switch c.State {
	case meibo.ContractSuspended:
		contract.State = authz.ContractSuspended
	case meibo.ContractTerminated:
		contract.Terminated = c.TerminatedAt.Time()
	}
	for _, e := range emergencies {
		contract.Emergencies = append(contract.Emergencies, authz.Emergency{
			Person: string(e.PersonID), Since: e.Since.Time(), Reviewed: e.ReviewedAt.Time(),
		})
	}
	return contract
}

func hoursOf(windows []meibo.Window) *authz.Hours {
	if len(windows) == 0 {
		return nil
	}
	hours := &authz.Hours{}
	for _, w := range windows {
		from, until, ok := w.Times()
		if !ok {
			continue
		}
		window := authz.Window{From: from, Until: until}
		for i, day := range meibo.Weekdays {
			for _, d := range w.Days {
				if d == day {
					window.Days = append(window.Days, time.Weekday(i))
				}
			}
		}
		hours.Windows = append(hours.Windows, window)
	}
	return hours
}

func provisosOf(list []meibo.Proviso) []authz.Proviso {
	var out []authz.Proviso
	for _, p := range list {
		out = append(out, authz.Proviso{
			Purpose: string(p.Purpose), CaseRef: p.CaseRef, AuthLevel: p.AuthLevel, Rows: p.Rows, Zones: only(p.Zones),
			Workplaces: only(p.Workplaces), Devices: only(p.Devices), Obligations: obligationsOf(p.Obligations),
		})
	}
	return out
}

func obligationsOf(list []meibo.Obligation) []authz.Obligation {
	var out []authz.Obligation
	for _, o := range list {
		out = append(out, obligationOf(o))
	}
	return out
}

func obligationOf(o meibo.Obligation) authz.Obligation {
	return authz.Obligation{Name: authz.ObligationName(o.Name), Number: o.Number, Fields: o.Fields}
}

// permitOf writes a permit with how much of it was used up.
func permitOf(p meibo.Permit, uses, rows int) authz.Permit {
	return authz.Permit{
		ID: string(p.ID), Person: cmp.Or(string(p.PersonID), authz.All), Contract: string(p.ContractID), State: authz.PermitState(p.State),
		Approver: string(p.ApproverID), Term: term(p.Starts, p.Ends), Revoked: p.RevokedAt.Time(), Assets: plain(p.Assets),
		Actions: plain(p.Actions), Purposes: plain(p.Purposes), Recipients: plain(p.Recipients), Media: plain(p.Media),
		Rows: orUnlimited(p.Rows), RowsUsed: rows, Uses: orUnlimited(p.Uses), UsesMade: uses, CloseOut: p.CloseOut,
		Obligations: obligationsOf(p.Obligations.V),
	}
}

func orUnlimited(n int) int { return cmp.Or(n, authz.Unlimited) }

func holdOf(h meibo.Hold) authz.Hold {
	return authz.Hold{
		ID: string(h.ID), Kind: authz.HoldKind(h.Kind), Person: string(h.PersonID), Contract: string(h.ContractID), Asset: string(h.AssetID),
		From: h.OpenedAt.Time(), Until: h.LiftedAt.Time(),
	}
}

// only: an empty list of ours does not restrict.
func only[T ~string](list []T) *authz.Only {
	if len(list) == 0 {
		return nil
	}
	return authz.OnlyOf(plain(list)...)
}

// orAll: a consent that names nothing speaks of everything under the contract.
func orAll[T ~string](list []T) []string {
	if len(list) == 0 {
		return []string{authz.All}
	}
	return plain(list)
}

func plain[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
