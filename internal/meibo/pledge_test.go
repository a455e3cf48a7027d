package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// pledgeOf is the newest pledge of a person.
func (d *desk) pledgeOf(p meibo.PersonID) meibo.Pledge {
	d.t.Helper()
	var found meibo.Pledge
	for _, x := range d.Pledges.All() {
		if x.PersonID == p {
			found = x
		}
	}
	if found.ID == "" {
		d.t.Fatalf("%s has no pledge", p)
	}
	return found
}

func (d *desk) states(p meibo.PersonID) []meibo.PledgeState {
	var list []meibo.PledgeState
	for _, x := range d.Pledges.All() {
		if x.PersonID == p {
			list = append(list, x.State)
		}
	}
	return list
}

// asked is a desk at which E001 was asked for a pledge.
func asked(t testing.TB, settle ...func(*meibo.Book)) *desk {
	d := newDesk(t, settle...)
	d.enlist(add("E001", "A01"))
	return d
}

func TestWhoIsAddedIsAskedForAPledge(t *testing.T) {
	d := newDesk(t)
	d.submit(primeSubmitter, add("E001", "A01"), add("E001", "A02"), add("E046", "A01"))
	text := meibo.Personal("架空市長 様 課税資料入力業務(C01)で知り得た秘密を守ります。株式会社架空データサービス 髙﨑 真理子")
	p := d.pledgeOf("E001")
	same(t, p, meibo.Pledge{
		ID: p.ID, PersonID: "E001", ContractID: "C01", EmployerID: "K1", TemplateID: "T-A", TemplateVersion: 2, State: meibo.PledgeRequested,
		Covers: meibo.CoversContract, Text: text, TextHash: meibo.HashText(string(text)), RequestedAt: asOf,
	})
	same(t, [2]int{len(d.states("E001")), len(d.states("E046"))}, [2]int{1, 1})
	same(t, d.pledgeOf("E046").TemplateID, meibo.TemplateID("T-B"))
}

func TestAPledgeThatIsOnFileIsNotAskedFor(t *testing.T) {
	d := newDesk(t)
	l := add("E001", "A01")
	l.Pledge = meibo.PledgeOnFile
	d.submit(primeSubmitter, l)
	same(t, len(d.Pledges.All()), 0)
}

func TestWhoHasPledgedIsNotAskedAgain(t *testing.T) {
	d := asked(t)
	d.submit(primeSubmitter, add("E001", "A02"))
	same(t, len(d.states("E001")), 1)
	p := d.pledgeOf("E001")
	d.sign(p)
	d.submit(primeSubmitter, during(add("E001", "A11"), "2026-10-15", "2026-12-31"))
	same(t, d.states("E001"), []meibo.PledgeState{meibo.PledgeValid})
}

func (d *desk) sign(p meibo.Pledge) {
	d.t.Helper()
	if _, err := d.Sign(d.scene(primeSubmitter), p.ID, p.TextHash, "{}"); err != nil {
		d.t.Fatal(err)
	}
	d.commit()
}

func TestTheWordingSuitsThePerson(t *testing.T) {
	all := func(b *meibo.Book) {
		b.Templates = append(b.Templates, wording("T-C", 1, meibo.VariantDispatched), wording("T-D", 1, meibo.VariantMinor))
	}
	for _, c := range []struct {
		name       string
		settle     func(*meibo.Book)
		employment meibo.Employment
		adult      meibo.Attested
		employer   meibo.OrganizationID
		want       meibo.TemplateID
	}{
		{"the prime's own signs the general one", all, meibo.Regular, meibo.AttestedYes, "K1", "T-A"},
		{"a subcontractor's signs the subcontractor's", all, meibo.Subcontracted, meibo.AttestedYes, "S1", "T-B"},
		{"a dispatched worker signs the dispatched one's", all, meibo.Dispatched, meibo.AttestedYes, "S1", "T-C"},
		{"a minor signs the minor's before all others", all, meibo.Dispatched, meibo.AttestedNo, "S1", "T-D"},
		{"the general one stands in for a missing one", func(b *meibo.Book) {}, meibo.Dispatched, meibo.AttestedYes, "K1", "T-A"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, c.settle)
			l := newcomer("saki", "髙﨑 咲")
			l.Employment, l.Adult, l.EmployerID = c.employment, c.adult, c.employer
			s := d.submit(primeSubmitter, l)
			same(t, d.pledgeOf(s.Rows[0].PersonID).TemplateID, c.want)
		})
	}
}

func TestAMemberIsAskedForTheWordingOfHisEmployment(t *testing.T) {
	d := newDesk(t, func(b *meibo.Book) { b.Templates = append(b.Templates, wording("T-C", 1, meibo.VariantDispatched)) })
	l := add("E001", "A01")
	l.Employment, l.Pledge = meibo.Dispatched, meibo.PledgeOnFile
	d.enlist(l)
	more := add("E001", "A02")
	more.Employment, more.EmployerID = "", ""
	d.submit(primeSubmitter, more)
	same(t, d.pledgeOf("E001").TemplateID, meibo.TemplateID("T-C"))
}

func TestTheNewestWordingInForceIsUsed(t *testing.T) {
	next := wording("T-A", 3, meibo.VariantGeneral)
	other := next
	other.Resign, other.MandatoryFor = meibo.ResignMandatory, []meibo.ContractID{"C05"}
	mine := next
	mine.Resign, mine.MandatoryFor = meibo.ResignMandatory, []meibo.ContractID{"C01"}
	later := next
	later.ValidFrom = "2026-10-16"
	for _, c := range []struct {
		name string
		next meibo.PledgeTemplate
		want int
	}{
		{"a newer one", next, 3},
		{"not one that is in force from tomorrow on", later, 2},
		{"not one that is written for other contracts", other, 2},
		{"one that is written for this contract", mine, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := asked(t, func(b *meibo.Book) { b.Templates = append(b.Templates, c.next) })
			same(t, d.pledgeOf("E001").TemplateVersion, c.want)
		})
	}
}

func TestASignatureIsUnderTheExactText(t *testing.T) {
	d := asked(t)
	p := d.pledgeOf("E001")
	_, err := d.copy().Sign(d.scene(primeSubmitter), p.ID, meibo.HashText("another text"), "{}")
	same(t, refusal(err), "conflict: PLEDGE_TEXT_DIFFERS")
	forged := p
	forged.Text = "何も守りません"
	book := d.copy()
	book.Pledges.Put(forged)
	_, err = book.Sign(d.scene(primeSubmitter), p.ID, p.TextHash, "{}")
	same(t, refusal(err), "conflict: PLEDGE_TEXT_DIFFERS")
	signed, err := d.Sign(d.scene(primeSubmitter), p.ID, p.TextHash, `{"bind":"ok"}`)
	want := p
	want.State, want.Way, want.SignedOn, want.ValidFrom, want.Evidence = meibo.PledgeValid, meibo.SignedByDirectory, "2026-10-15", asOf, `{"bind":"ok"}`
	same(t, signed, want)
	same(t, refusal(err), "")
	d.commit()
	_, err = d.Sign(d.scene(primeSubmitter), p.ID, p.TextHash, "{}")
	same(t, refusal(err), "conflict: PLEDGE_NOT_OPEN")
}

func TestSigningCutsNoVersionAndTheNextOneShowsIt(t *testing.T) {
	d := asked(t)
	d.sign(d.pledgeOf("E001"))
	same(t, len(d.Rosters.All()), 1)
	d.enlist(add("E002", "A01"))
	same(t, [2]any{d.Newest[0].Pledge, d.Newest[0].PledgedOn}, [2]any{meibo.PledgeValid, meibo.Date("2026-10-15")})
}

func TestAPaperCountsOnceADifferentPersonHasVerifiedIt(t *testing.T) {
	d := asked(t)
	id := d.pledgeOf("E001").ID
	for _, c := range []struct {
		name string
		on   meibo.Date
		want string
	}{
		{"a paper without a day", "", "signed_on: REQUIRED"},
		{"a paper of tomorrow", "2026-10-16", "signed_on: IN_THE_FUTURE"},
		{"a paper of a day that does not exist", "2026-02-29", "signed_on: INVALID_DATE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.copy().RecordPaper(d.scene(primeSubmitter), id, onPaper("D1", c.on))
			same(t, refusal(err), c.want)
		})
	}
	p, err := d.RecordPaper(d.scene(in("E003", primeSubmitter)), id, meibo.SignedPaper{DocumentID: "D1", Way: meibo.SignedOnPaper, SignedOn: "2026-10-14", Guardian: true})
	if err != nil {
		t.Fatal(err)
	}
	d.commit()
	same(t, [4]any{p.State, p.Way, p.DocumentID, p.GuardianConsent}, [4]any{meibo.PledgePending, meibo.SignedOnPaper, meibo.DocumentID("D1"), true})
	for _, c := range []struct {
		name string
		by   meibo.Caller
		want string
	}{
		{"whoever recorded it cannot verify it", primeSubmitter, "forbidden: SOD_CONFLICT"},
		{"nor can he by another tool", in("E003", primeApprover), "forbidden: SOD_CONFLICT"},
		{"nor can whoever signed it", in("E001", primeApprover), "forbidden: SOD_CONFLICT"},
		{"a subcontractor does not see it", subApprover, "not found"},
		{"somebody else can", in("E002", primeApprover), ""},
		{"a tool of nobody can", primeApprover, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.copy().VerifyPaper(d.scene(c.by), id, "")
			same(t, refusal(err), c.want)
		})
	}
	d.later("2026-10-16T09:00:00+09:00")
	p, err = d.VerifyPaper(d.scene(primeApprover), id, "")
	same(t, refusal(err), "")
	same(t, [4]any{p.State, p.SignedOn, p.ValidFrom, p.VerifiedBy}, [4]any{meibo.PledgeValid, meibo.Date("2026-10-14"), d.now, primeApprover.Client.ID})
	d.commit()
	_, err = d.VerifyPaper(d.scene(primeApprover), id, "")
	same(t, refusal(err), "conflict: PLEDGE_NOT_PENDING")
	_, err = d.RecordPaper(d.scene(primeSubmitter), id, onPaper("D2", "2026-10-14"))
	same(t, refusal(err), "conflict: PLEDGE_NOT_OPEN")
}

func TestARejectedPaperCanBeReplacedByAnother(t *testing.T) {
	d := asked(t)
	id := d.pledgeOf("E001").ID
	record := func(paper meibo.DocumentID) {
		t.Helper()
		if _, err := d.RecordPaper(d.scene(primeSubmitter), id, onPaper(paper, "2026-10-14")); err != nil {
			t.Fatal(err)
		}
		d.commit()
	}
	record("D1")
	p, err := d.VerifyPaper(d.scene(primeApprover), id, meibo.RejectUnreadable)
	if err != nil {
		t.Fatal(err)
	}
	d.commit()
	same(t, [3]any{p.State, p.Reason, p.ClosedAt}, [3]any{meibo.PledgeRejected, meibo.RejectUnreadable, asOf})
	record("D2")
	p, err = d.VerifyPaper(d.scene(primeApprover), id, "")
	same(t, refusal(err), "")
	same(t, [4]any{p.State, p.Reason, p.ClosedAt, p.DocumentID}, [4]any{meibo.PledgeValid, meibo.RejectReason(""), meibo.Instant(0), meibo.DocumentID("D2")})
}

func TestANewRequestReplacesWhatWaitsAndLeavesWhatIsValid(t *testing.T) {
	d := asked(t)
	request := func() meibo.Pledge {
		t.Helper()
		p, err := d.RequestPledge(d.scene(primeSubmitter), "E001", 0)
		if err != nil {
			t.Fatal(err)
		}
		d.commit()
		return p
	}
	second := request()
	same(t, d.states("E001"), []meibo.PledgeState{meibo.PledgeSuperseded, meibo.PledgeRequested})
	d.sign(second)
	third := request()
	same(t, d.states("E001"), []meibo.PledgeState{meibo.PledgeSuperseded, meibo.PledgeValid, meibo.PledgeRequested})
	d.sign(third)
	same(t, d.states("E001"), []meibo.PledgeState{meibo.PledgeSuperseded, meibo.PledgeSuperseded, meibo.PledgeValid})
}

func TestWhoCanBeAskedForAPledge(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"))
	d.submit(subSubmitter, add("E046", "A01"))
	for _, c := range []struct {
		name   string
		by     meibo.Caller
		person meibo.PersonID
		want   string
	}{
		{"a member", primeSubmitter, "E001", ""},
		{"somebody in a change that waits", subSubmitter, "E046", ""},
		{"a subcontractor's person, by the prime", primeSubmitter, "E046", ""},
		{"not the prime's person by a subcontractor", subSubmitter, "E001", "not found"},
		{"not somebody on no roster", primeSubmitter, "E002", "not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := d.copy().RequestPledge(d.scene(c.by), c.person, 0)
			same(t, refusal(err), c.want)
		})
	}
	_, err := d.copy().RequestPledge(d.scene(primeSubmitter), "E001", 99)
	same(t, refusal(err), "conflict: NO_PLEDGE_TEMPLATE")
	p, err := d.copy().RequestPledge(d.scene(primeSubmitter), "E001", d.Templates[0].Version)
	same(t, refusal(err), "")
	same(t, p.TemplateVersion, d.Templates[0].Version)
	d.Templates = nil
	_, err = d.RequestPledge(d.scene(primeSubmitter), "E001", 0)
	same(t, refusal(err), "conflict: NO_PLEDGE_TEMPLATE")
}

func TestAPledgeIsKeptWhenThePersonHasLeft(t *testing.T) {
	d := asked(t)
	d.sign(d.pledgeOf("E001"))
	d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001"})
	d.commit()
	same(t, d.states("E001"), []meibo.PledgeState{meibo.PledgeValid})
}

func TestAPledgeForAnotherContractOrEmployerDoesNotCount(t *testing.T) {
	valid := func(c meibo.ContractID, o meibo.OrganizationID, covers meibo.PledgeCover) func(*meibo.Book) {
		return func(b *meibo.Book) {
			b.Contract.RenewalOf = "C08"
			b.Pledges = meibo.ShelfOf[meibo.PledgeID]([]meibo.Pledge{{
				ID: "PL1", PersonID: "E001", ContractID: c, EmployerID: o, State: meibo.PledgeValid, Covers: covers, TemplateID: "T-A", TemplateVersion: 2,
			}})
		}
	}
	for _, c := range []struct {
		name   string
		settle func(*meibo.Book)
		asked  bool
	}{
		{"one for the contract counts", valid("C01", "K1", meibo.CoversContract), false},
		{"one for the contract before that covers renewals counts", valid("C08", "K1", meibo.CoversRenewals), false},
		{"one for the contract before alone does not", valid("C08", "K1", meibo.CoversContract), true},
		{"one that covers the renewals of yet another does not", valid("C07", "K1", meibo.CoversRenewals), true},
		{"one under another employer does not", valid("C01", "S1", meibo.CoversContract), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t, c.settle)
			d.submit(primeSubmitter, add("E001", "A01"))
			same(t, len(d.Pledges.All()) == 2, c.asked)
		})
	}
}

func TestHowLongAPledgeServesUnderNewWordings(t *testing.T) {
	mandatory := func(version int, from, grace meibo.Date, contracts ...meibo.ContractID) meibo.PledgeTemplate {
		return meibo.PledgeTemplate{ID: "T-A", Version: version, ValidFrom: from, GraceUntil: grace, Resign: meibo.ResignMandatory, MandatoryFor: contracts}
	}
	resign := func(r meibo.Resign) meibo.PledgeTemplate {
		return meibo.PledgeTemplate{ID: "T-A", Version: 3, ValidFrom: "2026-10-01", Resign: r}
	}
	november := meibo.Date("2026-10-31").End()
	for _, c := range []struct {
		name      string
		contract  meibo.ContractID
		templates []meibo.PledgeTemplate
		until     meibo.Instant
		due       meibo.Date
	}{
		{"without a new wording it serves for ever", "C01", nil, meibo.Forever, ""},
		{"a corrected slip of the pen asks nobody", "C01", []meibo.PledgeTemplate{resign(meibo.ResignNone)}, meibo.Forever, ""},
		{"one for the next contract asks nobody in this", "C01", []meibo.PledgeTemplate{resign(meibo.ResignAtNextContract)}, meibo.Forever, ""},
		{"one for the next contract asks in the renewal", "C02", []meibo.PledgeTemplate{resign(meibo.ResignAtNextContract)}, meibo.Date("2026-10-01").Start(), ""},
		{"a mandatory one asks by the end of its grace", "C01", []meibo.PledgeTemplate{mandatory(3, "2026-10-01", "2026-10-31")}, november, "2026-10-31"},
		{"one that is not in force yet asks nobody today", "C01", []meibo.PledgeTemplate{mandatory(3, "2026-10-20", "2026-10-31")}, november, ""},
		{"without a grace it asks from its first day on", "C01", []meibo.PledgeTemplate{mandatory(3, "2026-10-20", "")}, meibo.Date("2026-10-20").Start(), ""},
		{"a grace cannot end before the wording is in force", "C01", []meibo.PledgeTemplate{mandatory(3, "2026-11-01", "2026-10-01")}, meibo.Date("2026-11-01").Start(), ""},
		{"one for other contracts asks nobody here", "C01", []meibo.PledgeTemplate{mandatory(3, "2026-10-01", "2026-10-31", "C05")}, meibo.Forever, ""},
		{"one for this contract asks here", "C01", []meibo.PledgeTemplate{mandatory(3, "2026-10-01", "2026-10-31", "C01")}, november, "2026-10-31"},
		{"an older one has nothing to ask", "C01", []meibo.PledgeTemplate{mandatory(1, "2026-10-01", "2026-10-31")}, meibo.Forever, ""},
		{"another template has nothing to ask", "C01", []meibo.PledgeTemplate{{ID: "T-B", Version: 9, Resign: meibo.ResignMandatory}}, meibo.Forever, ""},
		{"of two the one that ends first counts", "C01", []meibo.PledgeTemplate{mandatory(4, "2026-10-01", "2026-11-30"), mandatory(3, "2026-10-01", "2026-10-31")}, november, "2026-10-31"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := meibo.Pledge{ContractID: "C01", TemplateID: "T-A", TemplateVersion: 2}
			until, due := p.Validity(c.contract, c.templates, asOf)
			if until != c.until || due != c.due {
				t.Errorf("until %v, due %q, want %v, %q", until, due, c.until, c.due)
			}
		})
	}
}

func TestRejectReasonsAreAClosedList(t *testing.T) {
	if !meibo.RejectSignature.Known() || meibo.RejectReason("mood").Known() || meibo.RejectReason("").Known() {
		t.Error("the list is another")
	}
}

func onPaper(id meibo.DocumentID, on meibo.Date) meibo.SignedPaper {
	return meibo.SignedPaper{DocumentID: id, Way: meibo.SignedOnPaper, SignedOn: on}
}

func TestOneFormIsGivenOut(t *testing.T) {
	d := asked(t)
	id := d.pledgeOf("E001").ID
	p, err := d.GiveForm(d.scene(primeSubmitter), id, "F1")
	same(t, refusal(err), "")
	same(t, p.FormID, meibo.DocumentID("F1"))
	d.commit()
	_, err = d.GiveForm(d.scene(primeSubmitter), id, "F2")
	same(t, refusal(err), "conflict: FORM_GIVEN_OUT")
	_, err = d.GiveForm(d.scene(subApprover), id, "F2")
	same(t, refusal(err), "not found")
	p, err = d.RecordPaper(d.scene(primeSubmitter), id, meibo.SignedPaper{
		DocumentID: "D1", Way: meibo.SignedByCertificate, SignedOn: "2026-10-15", Evidence: `{"way":"certificate"}`,
	})
	same(t, refusal(err), "")
	same(t, [4]any{p.State, p.Way, p.FormID, p.Evidence}, [4]any{meibo.PledgePending, meibo.SignedByCertificate, meibo.DocumentID("F1"), `{"way":"certificate"}`})
}
