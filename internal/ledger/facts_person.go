package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// subjectOf writes what is kept of a person.
func (v *view) subjectOf(d meibo.Dossier) authz.Subject {
	s := authz.Subject{Person: v.personOf(d)}
	for _, a := range d.Assignments {
		s.Work = append(s.Work, authz.Work{
			Contract: string(a.ContractID), Assignment: assignmentOf(a), Rights: v.rightsOf(a, d.Rights),
			Drafted: slices.Contains(d.Drafted, a.ContractID),
		})
	}
	for _, id := range d.Drafted {
		if !slices.ContainsFunc(d.Assignments, func(a meibo.Assignment) bool { return a.ContractID == id }) {
			s.Work = append(s.Work, authz.Work{Contract: string(id), Drafted: true})
		}
	}
	for _, p := range d.Pledges {
		s.Pledges = append(s.Pledges, v.pledgesOf(p)...)
	}
	for _, t := range d.Trainings {
		s.Trainings = append(s.Trainings, trainingOf(t))
	}
	for _, p := range d.Loans {
		s.Loans = append(s.Loans, authz.Loan{Person: string(d.Person.ID), Due: p.ReturnDue.End().Time(), Returned: p.ReturnedAt.Time()})
	}
	for _, one := range d.Delegations {
		s.Delegations = append(s.Delegations, authz.Delegation{
			Person: string(one.PersonID), Principal: string(one.PrincipalID), Contract: string(one.ContractID),
			Term: authz.Term{From: one.Starts.Start().Time(), Until: one.Until().Time()},
		})
	}
	return s
}

// personOf: what the directory said last; without a directory, what the roster
// says. Under a directory a person who is not bound to an entry is nobody.
func (v *view) personOf(d meibo.Dossier) authz.Person {
	p := authz.Person{ID: string(d.Person.ID), Account: authz.AccountEnabled}
	switch a := d.Account; {
	case !d.Person.DepartedAt.IsZero():
		p.Account = authz.AccountDeparted
	case a == nil && v.directory:
		p.Account = authz.AccountUnbound
	case a == nil:
	case a.State == meibo.AccountGone:
		p.Account = authz.AccountDeparted
	case a.State == meibo.AccountDisabled:
		p.Account = authz.AccountDisabled
	case a.State == meibo.AccountEnabled:
		p.Until = a.Until.Time()
	default:
		p.Account = authz.AccountUnknown
	}
	if a := d.Account; a != nil && v.directory {
		if a.HoldID != "" {
			p.Held = a.DoubtedAt.Time()
		}
		p.Organizations, p.Transferred, p.Doubted = only(a.Employers.V), a.TransferredAt.Time(), a.DoubtedAt.Time()
	}
	for _, a := range d.Assignments {
		if onLeave(a) {
			p.Leaves = append(p.Leaves, authz.Term{From: a.SuspendedFrom.Time()})
		}
	}
	return p
}

// onLeave: who is on leave is so wherever he works.
func onLeave(a meibo.Assignment) bool {
	return a.Running() && !a.SuspendedFrom.IsZero() && a.SuspendedWhy == meibo.ReasonLeave
}

func assignmentOf(a meibo.Assignment) *authz.Assignment {
	assignment := &authz.Assignment{
		Person: string(a.PersonID), Contract: string(a.ContractID), Employer: string(a.EmployerID), Term: term(a.Starts, a.Ends),
		Ended: a.EndedAt.Time(), Suspended: a.SuspendedFrom.Time(),
	}
	if onLeave(a) {
		assignment.Suspended = time.Time{}
	}
	return assignment
}

// waits says in the words of the rule what a right waits for.
var waits = map[meibo.Waiting]authz.Wait{
	meibo.WaitsForNotification:    authz.WaitNotification,
	meibo.WaitsForAcknowledgement: authz.WaitAcknowledgement,
	meibo.WasReturned:             authz.WaitCorrection,
}

// rightsOf writes the rights of an assignment.
func (v *view) rightsOf(a meibo.Assignment, all []meibo.Right) []authz.Right {
	of := v.contracts[a.ContractID]
	var rights []authz.Right
	for _, r := range all {
		if r.AssignmentID != a.ID {
			continue
		}
		opened, waiting := r.Opened(of.versions, of.row.AckRequired) // and is used from then on, as long as no use is known
		rights = append(rights, authz.Right{
			ID: string(r.ID), Asset: string(r.AssetID), Action: string(r.Action), Purpose: string(r.Purpose),
			Term: term(r.Starts, r.Ends), Opened: opened.Time(), LastUse: opened.Time(), Waiting: waits[waiting], Acknowledged: r.Acknowledged(of.versions),
		})
	}
	return rights
}

// pledgesOf: a pledge that covers renewals speaks for the contracts that renew its
// own, too.
func (v *view) pledgesOf(p meibo.Pledge) []authz.Pledge {
	pledges := []authz.Pledge{v.pledgeOf(p, p.ContractID)}
	if p.Covers == meibo.CoversRenewals {
		for _, k := range v.contracts {
			if k.row.RenewalOf == p.ContractID {
				pledges = append(pledges, v.pledgeOf(p, k.row.ID))
			}
		}
	}
	return pledges
}

func (v *view) pledgeOf(p meibo.Pledge, contract meibo.ContractID) authz.Pledge {
	one := authz.Pledge{
		Person: string(p.PersonID), Contract: string(contract), Employer: string(p.EmployerID), State: pledgeState(p, v.templates),
		Term: authz.Term{From: p.ValidFrom.Time()},
	}
	if until, announced := p.Due(contract, v.templates); until < meibo.Forever {
		one.Due, one.Announced = until.Time(), announced.Time()
	}
	return one
}

// pledgeState: a text that is not the one agreed to, and a signature that was
// found not to be the person's, prove nothing.
func pledgeState(p meibo.Pledge, templates []meibo.PledgeTemplate) authz.PledgeState {
	switch p.State {
	case meibo.PledgeRequested:
		return authz.PledgeRequested
	case meibo.PledgePending:
		return authz.PledgePending
	case meibo.PledgeRejected:
		if p.Reason == meibo.RejectSignature {
			return authz.PledgeUnproven
		}
		return authz.PledgeRejected
	}
	if meibo.HashText(string(p.Text)) != p.TextHash {
		return authz.PledgeUnproven
	}
	for _, t := range templates {
		if t.ID == p.TemplateID && t.Version == p.TemplateVersion && t.Variant == meibo.VariantMinor && !p.GuardianConsent {
			return authz.PledgeUnassented
		}
	}
	return authz.PledgeValid
}

func trainingOf(t meibo.Training) authz.Training {
	training := authz.Training{Person: string(t.PersonID), Contract: string(t.ContractID), Term: term(t.CompletedOn, t.ValidUntil)}
	if t.ContractID == "" {
		training.Contract = authz.All
	}
	return training
}

// serviceOf writes an account of a program. The city was told of its rights when
// they were registered.
func serviceOf(s meibo.ServiceAccount) authz.Subject {
	work := authz.Work{Contract: string(s.ContractID)}
	for i, r := range s.Rights.V {
		right := authz.Right{
			ID: fmt.Sprintf("%s.%d", s.ID, i+1), Asset: string(r.Asset), Action: string(r.Action), Purpose: string(r.Purpose),
			Term: term(r.From, r.Until), Holder: string(s.ID), Acknowledged: true,
		}
		right.Opened, right.LastUse = right.Term.From, right.Term.From
		work.Rights = append(work.Rights, right)
	}
	return authz.Subject{
		Person: authz.Person{ID: string(s.ID), Account: authz.AccountEnabled, Service: true, Owner: string(s.OwnerID)},
		Work:   []authz.Work{work},
	}
}
