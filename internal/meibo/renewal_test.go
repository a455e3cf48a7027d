package meibo_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// renewal is the desk of C11, which renews C01 for the next year.
func renewal(t testing.TB, settle ...func(*meibo.Book)) *desk {
	next := newDesk(t, append([]func(*meibo.Book){func(b *meibo.Book) {
		b.Contract.ID, b.Contract.RenewalOf, b.Contract.Starts, b.Contract.Ends = "C11", "C01", "2027-04-01", "2028-03-31"
		b.Subcontracts = nil
	}}, settle...)...)
	return next
}

func everybody(meibo.OrganizationID) bool { return true }

// drafted says in words what is taken over and what is left out.
func drafted(d meibo.Renewal) (list []string) {
	for _, l := range d.Lines {
		list = append(list, fmt.Sprintf("%s %s %s %s..%s", l.Operation, l.PersonID, l.AssetID, l.Starts, l.Ends))
	}
	for _, s := range d.Consents {
		list = append(list, fmt.Sprintf("consent to %s %q %s..%s", s.OrganizationID, s.Consent+string(s.FlowDownOn), s.Starts, s.Ends))
	}
	for _, o := range d.LeftOut {
		list = append(list, fmt.Sprintf("not %s%s %s", orElse(string(o.PersonID), string(o.OrganizationID)), orElse(" "+string(o.Right.Asset), ""), o.Code))
	}
	return list
}

func orElse(a, b string) string {
	if a == "" || a == " " {
		return b
	}
	return a
}

func TestARenewedContractTakesOverDrafts(t *testing.T) {
	a01 := "add E001 A01 2027-04-01..2028-03-31"
	for _, c := range []struct {
		name string
		old  func(*desk)
		next func(*meibo.Book)
		want []string
	}{
		{"a right, until the end of the new contract", nil, nil, []string{a01}},
		{"each right of a person", func(d *desk) { d.enlist(add("E001", "A02")) }, nil, []string{a01, "add E001 A02 2027-04-01..2028-03-31"}},
		{"nobody who was removed", func(d *desk) { d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonReassignment)) }, nil, nil},
		{"nobody who has left", func(d *desk) { d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonDeparture)) }, nil, nil},
		{"nobody who left without the roster saying so yet", func(d *desk) {
			p, _ := d.People.Get("E001")
			p.DepartedAt = d.now
			d.People.Put(p)
		}, nil, nil},
		{"nobody who is suspended", func(d *desk) { d.submit(primeSubmitter, about(meibo.Suspend, "E001", meibo.ReasonLeave)) }, nil,
			[]string{"not E001 RENEWAL_SUSPENDED"}},
		{"nobody whom the directory has disabled", func(d *desk) {
			d.Accounts.Put(meibo.Account{PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountDisabled})
		}, nil, []string{"not E001 LOGIN_DISABLED"}},
		{"no line that the city has returned", func(d *desk) { d.notify(); d.answer(1, meibo.Returned, "E001") }, nil,
			[]string{"not E001 A01 RENEWAL_RETURNED"}},
		{"nothing of a roster that the city has returned", func(d *desk) { d.notify(); d.answer(1, meibo.Returned, "") }, nil,
			[]string{"not E001 A01 RENEWAL_RETURNED"}},
		{"what was corrected after the city had returned it", func(d *desk) {
			d.notify()
			d.answer(1, meibo.Returned, "")
			d.enlist(add("E001", "A01"))
		}, nil, []string{a01}},
		{"nothing that was for a time only", func(d *desk) { d.enlist(during(add("E001", "A02"), "2026-10-15", "2026-12-31")) }, nil,
			[]string{a01, "not E001 A02 RENEWAL_TEMPORARY"}},
		{"nothing that waits for approval", func(d *desk) { d.submit(primeSubmitter, add("E002", "A01")) }, nil, []string{a01}},
		{"no asset that the new one is not about", nil, func(b *meibo.Book) { b.Contract.Assets = []meibo.AssetID{"A02"} },
			[]string{"not E001 A01 ASSET_NOT_IN_CONTRACT"}},
		{"no purpose that the new one does not serve", nil, func(b *meibo.Book) { b.Contract.Purposes = []meibo.PurposeCode{"U.NHI"} },
			[]string{"not E001 A01 PURPOSE_NOT_OF_CONTRACT"}},
		{"no purpose that the new one prohibits", nil, func(b *meibo.Book) { b.Contract.Prohibited = []meibo.PurposeCode{"U.TAX.RES.ASSESS"} },
			[]string{"not E001 A01 PURPOSE_IS_PROHIBITED"}},
		{"no days that are over", nil, func(b *meibo.Book) { b.Contract.Starts = "2026-10-01" }, []string{"add E001 A01 2026-10-15..2028-03-31"}},
		{"nobody of a company without consent", func(d *desk) { d.enlist(add("E046", "A01")) }, nil,
			[]string{a01, "not E046 RENEWAL_UNCONSENTED"}},
		{"who is of a company with consent", func(d *desk) { d.enlist(add("E046", "A01")) },
			func(b *meibo.Book) { b.Subcontracts = []meibo.Subcontract{consent("S1", "K1", 1)} },
			[]string{a01, "add E046 A01 2027-04-01..2028-03-31"}},
		{"nobody of a company whose consent was revoked", func(d *desk) { d.enlist(add("E046", "A01")) },
			func(b *meibo.Book) {
				s := consent("S1", "K1", 1)
				s.RevokedAt = asOf
				b.Subcontracts = []meibo.Subcontract{s}
			},
			[]string{a01, "not E046 RENEWAL_UNCONSENTED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := newDesk(t, func(b *meibo.Book) { b.Subcontracts = []meibo.Subcontract{consent("S1", "K1", 1)} })
			old.enlist(add("E001", "A01"))
			if c.old != nil {
				c.old(old)
			}
			next := renewal(t)
			if c.next != nil {
				c.next(next.Book)
			}
			d := next.Renew(old.Book, old.now, everybody)
			d.Consents = nil
			same(t, drafted(d), c.want)
		})
	}
}

func TestConsentsAreTakenOverWithoutTheirNumber(t *testing.T) {
	draft := `consent to S1 "" 2027-04-01..2028-03-31`
	for _, c := range []struct {
		name string
		old  func(*meibo.Subcontract)
		next func(*meibo.Book)
		want []string
	}{
		{"one that held to the end", func(*meibo.Subcontract) {}, nil, []string{draft}},
		{"not one that was revoked", func(s *meibo.Subcontract) { s.RevokedAt = asOf }, nil, nil},
		{"not one that ended before", func(s *meibo.Subcontract) { s.Ends = "2026-12-31" }, nil, []string{"not S1 RENEWAL_TEMPORARY"}},
		{"not one that is given already", func(*meibo.Subcontract) {}, func(b *meibo.Book) { b.Subcontracts = []meibo.Subcontract{consent("S1", "K1", 1)} }, nil},
		{"one that was given and revoked", func(*meibo.Subcontract) {}, func(b *meibo.Book) {
			s := consent("S1", "K1", 1)
			s.RevokedAt = asOf
			b.Subcontracts = []meibo.Subcontract{s}
		}, []string{draft}},
		{"one that was given and is over", func(*meibo.Subcontract) {}, func(b *meibo.Book) {
			s := consent("S1", "K1", 1)
			s.Ends = "2026-10-14"
			b.Subcontracts = []meibo.Subcontract{s}
		}, []string{draft}},
		{"not one whose assets are not in the new contract", func(s *meibo.Subcontract) { s.Assets = []meibo.AssetID{"A03"} }, nil,
			[]string{"not S1 ASSET_NOT_IN_CONTRACT"}},
		{"not one whose purposes are not in the new contract", func(s *meibo.Subcontract) { s.Purposes = []meibo.PurposeCode{"U.NHI"} }, nil,
			[]string{"not S1 PURPOSE_NOT_OF_CONTRACT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := consent("S1", "K1", 1)
			c.old(&s)
			old := newDesk(t, func(b *meibo.Book) { b.Subcontracts = []meibo.Subcontract{s} })
			next := renewal(t)
			if c.next != nil {
				c.next(next.Book)
			}
			same(t, drafted(next.Renew(old.Book, old.now, everybody)), c.want)
		})
	}
	s := consent("S1", "K1", 1)
	s.Assets = []meibo.AssetID{"A03", "A01"}
	earlier := s
	earlier.ID, earlier.Ends = "SC-0", "2026-09-30"
	old := newDesk(t, func(b *meibo.Book) { b.Subcontracts = []meibo.Subcontract{earlier, s} })
	d := renewal(t).Renew(old.Book, old.now, everybody)
	same(t, d.Consents, []meibo.Subcontract{{ID: "C11-S1", ContractID: "C11", ParentID: "K1", OrganizationID: "S1", Depth: 1,
		Starts: "2027-04-01", Ends: "2028-03-31", Assets: []meibo.AssetID{"A01"}}})
	same(t, len(d.LeftOut), 0)
	none := renewal(t).Renew(old.Book, old.now, func(o meibo.OrganizationID) bool { return o != "S1" })
	same(t, len(none.Consents), 0)
}

// TestADraftCanBeSubmittedAndIsNotDraftedTwice: and a pledge that covers renewals
// goes on, unless a new wording asks for the next contract.
func TestADraftCanBeSubmittedAndIsNotDraftedTwice(t *testing.T) {
	for _, c := range []struct {
		name   string
		covers meibo.PledgeCover
		resign meibo.Resign
		asked  int
	}{
		{"a pledge for the old contract alone is asked for anew", meibo.CoversContract, meibo.ResignNone, 1},
		{"one that covers renewals is not", meibo.CoversRenewals, meibo.ResignNone, 0},
		{"unless a new wording asks at the next contract", meibo.CoversRenewals, meibo.ResignAtNextContract, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := newDesk(t)
			old.enlist(add("E001", "A01"), add("E001", "A02"))
			p := meibo.Pledge{ID: "P1", PersonID: "E001", ContractID: "C01", EmployerID: "K1", TemplateID: "T-A", TemplateVersion: 2, State: meibo.PledgeValid, Covers: c.covers}
			next := renewal(t, func(b *meibo.Book) {
				b.Pledges.Put(p)
				newer := wording("T-A", 3, meibo.VariantGeneral)
				newer.Resign = c.resign
				b.Templates = append(b.Templates, newer)
			})
			next.commit()
			sub := next.submit(primeSubmitter, next.Renew(old.Book, next.now, everybody).Lines...)
			same(t, [2]int{len(sub.Rows), len(next.Renew(old.Book, next.now, everybody).Lines)}, [2]int{2, 0})
			if slices.ContainsFunc(sub.Rows, func(r meibo.RowEffect) bool { return !r.Waits }) || len(next.listed()) != 0 {
				t.Errorf("it holds by itself: %+v, %v", sub.Rows, next.listed())
			}
			next.approve(primeApprover, sub.Changes[0].ID)
			same(t, len(next.Renew(old.Book, next.now, everybody).Lines), 0)
			if again := add("E001", "A11"); true {
				again.ContractID = "C11"
				next.submit(primeSubmitter, during(again, "2027-04-01", "2028-03-31"))
			}
			same(t, len(next.states("E001")), 1+c.asked)
		})
	}
}

func TestNotEveryContractTakesOver(t *testing.T) {
	for _, c := range []struct {
		name string
		next func(*meibo.Book)
		want string
	}{
		{"one that renews it", func(*meibo.Book) {}, ""},
		{"one that renews another", func(b *meibo.Book) { b.Contract.RenewalOf = "C07" }, "conflict: NOT_A_RENEWAL"},
		{"one of another contractor", func(b *meibo.Book) { b.Contract.PrimeID = "S1" }, "conflict: RENEWAL_BY_ANOTHER"},
		{"one that is over", func(b *meibo.Book) { b.Contract.Ends = "2026-10-14" }, "conflict: CONTRACT_OVER"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := renewal(t, c.next).Renewable(newDesk(t).Book, asOf)
			if refusal(err) != c.want {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
