package ledger_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestAHoldStopsAtOnceWhatItIsOn(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person, other := c.Employed("e001"), c.Employed("e002")
		held := func(h meibo.Hold) meibo.HoldID {
			t.Helper()
			done, err := c.Ledger.OpenHold(t.Context(), c.CityApprover, c.Key(), h)
			if err != nil {
				t.Fatal(err)
			}
			return done.Hold
		}
		lift := func(id meibo.HoldID) {
			t.Helper()
			if _, err := c.Ledger.LiftHold(t.Context(), c.CityApprover, c.Key(), id); err != nil {
				t.Fatal(err)
			}
		}
		for _, h := range []struct {
			name        string
			hold        meibo.Hold
			code, other string
		}{
			{"a person", meibo.Hold{Kind: meibo.HoldIncident, PersonID: person}, "INCIDENT_HOLD", "ALLOW"},
			{"a credential", meibo.Hold{Kind: meibo.HoldShared, PersonID: person}, "CREDENTIAL_SHARED_SUSPECTED", "ALLOW"},
			{"a contract", meibo.Hold{Kind: meibo.HoldIncident, ContractID: "C01"}, "INCIDENT_HOLD", "INCIDENT_HOLD"},
			{"an asset", meibo.Hold{Kind: meibo.HoldIncident, AssetID: "A01"}, "INCIDENT_HOLD", "INCIDENT_HOLD"},
			{"a person under a contract", meibo.Hold{Kind: meibo.HoldIncident, PersonID: other, ContractID: "C01"}, "ALLOW", "INCIDENT_HOLD"},
			{"evidence, which may be looked at", meibo.Hold{Kind: meibo.HoldLegal, AssetID: "A01"}, "ALLOW", "ALLOW"},
		} {
			id := held(h.hold)
			wants(t, c.Check(person), h.code)
			wants(t, c.Check(other), h.other)
			c.Reopen()
			wants(t, c.Check(person), h.code)
			lift(id)
			wants(t, c.Check(person), "ALLOW")
			wants(t, c.Check(other), "ALLOW")
		}
		if _, err := c.Ledger.OpenHold(t.Context(), c.Stranger, c.Key(), meibo.Hold{Kind: meibo.HoldIncident, ContractID: "C01"}); err == nil {
			t.Error("a stranger held a contract")
		}
		if _, err := c.Ledger.OpenHold(t.Context(), c.Approver, c.Key(), meibo.Hold{Kind: meibo.HoldIncident, PersonID: person}); err == nil {
			t.Error("a contractor held beyond its contracts")
		}
		mine := held(meibo.Hold{Kind: meibo.HoldIncident, ContractID: "C01"})
		if _, err := c.Ledger.LiftHold(t.Context(), c.Approver, c.Key(), mine); err == nil {
			t.Error("a contractor lifted a hold")
		}
		if list, err := c.Ledger.Holds(t.Context(), c.Submitter); err != nil || !slices.ContainsFunc(list, func(h meibo.Hold) bool { return h.ID == mine }) {
			t.Errorf("the contractor sees %v, %v", list, err)
		}
		if list, err := c.Ledger.Holds(t.Context(), c.Stranger); err != nil || len(list) != 0 {
			t.Errorf("a stranger sees %v, %v", list, err)
		}
	})
}

func TestTrainingThatTheContractAsksFor(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) { m.Contracts[0].TrainingRequired = true })
		person := c.Employed("e001")
		wants(t, c.Check(person), "TRAINING_MISSING")
		day := c.Clock.Now().Day()
		train := func(by meibo.Caller, tr meibo.Training) error {
			_, err := c.Ledger.RecordTraining(t.Context(), by, c.Key(), []meibo.Training{tr})
			return err
		}
		if err := train(c.Submitter, meibo.Training{PersonID: person, ContractID: "C01", CompletedOn: "2027-01-01"}); err == nil {
			t.Error("a training in the future was recorded")
		}
		if err := train(c.Stranger, meibo.Training{PersonID: person, CompletedOn: day}); err == nil {
			t.Error("a stranger's training was recorded")
		}
		wants(t, c.Check(person), "TRAINING_MISSING")
		if err := train(c.Submitter, meibo.Training{PersonID: person, CompletedOn: day, Material: "第2版"}); err != nil {
			t.Fatal(err)
		}
		wants(t, c.Check(person), "ALLOW")
		c.Reopen()
		wants(t, c.Check(person), "ALLOW")
		if list, err := c.Ledger.Trainings(t.Context(), c.Submitter, person); err != nil || len(list) != 1 {
			t.Errorf("recorded: %v, %v", list, err)
		}
	})
}

// carrying is a city in which one person may carry out, under a permit.
func carrying(t *testing.T, url string, permit func(*meibo.Permit)) (*meibotest.City, meibo.Question) {
	c := meibotest.NewCity(t, url, nil)
	line := meibotest.Line("e001")
	line.Action = "carry_out"
	done := c.Submit(c.Submitter, line)
	c.Approve(c.Approver, done)
	person := done.Rows[0].PersonID
	c.Pledged(person)
	c.Notify()
	approver := c.Employed("e002")
	p := meibo.Permit{
		ID: "PM-01", ContractID: "C01", PersonID: person, State: meibo.PermitGranted, ApproverID: approver, Starts: "2026-10-10", Ends: "2026-10-20",
		Assets: []meibo.AssetID{"A01"}, Actions: []meibo.Action{"carry_out"}, Purposes: []meibo.PurposeCode{"U"}, Recipients: []string{"*"}, Media: []string{"*"},
	}
	permit(&p)
	c.Apply(meibo.Master{Permits: []meibo.Permit{p}})
	q := meibotest.Question(person)
	q.Action = "carry_out"
	wants(t, c.Ask(q), "PERMIT_REQUIRED")
	q.Circumstances = meibo.Circumstances{Permit: "PM-01", Recipient: "courier", Medium: "usb", Rows: 50}
	return c, q
}

func TestAPermitIsUsedUpExactlyOnce(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c, q := carrying(t, url, func(p *meibo.Permit) { p.Rows = 500 })
		var allowed, exhausted, other atomic.Int32
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				d, err := c.Ledger.Check(t.Context(), c.System, q)
				switch {
				case err != nil:
					other.Add(1)
				case d.Allowed:
					allowed.Add(1)
				case d.PrimaryCode == "PERMIT_EXHAUSTED":
					exhausted.Add(1)
				default:
					other.Add(1)
				}
			})
		}
		all.Wait()
		if allowed.Load() != 10 || exhausted.Load() != 6 || other.Load() != 0 {
			t.Errorf("of 16 requests of 50 records each, under a permit for 500, %d were allowed, %d beyond it, %d something else", allowed.Load(), exhausted.Load(), other.Load())
		}
		c.Reopen()
		wants(t, c.Ask(q), "PERMIT_EXHAUSTED")
	})
}

func TestABatchUsesUpAPermitInItsOrder(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c, q := carrying(t, url, func(p *meibo.Permit) { p.Uses = 2 })
		list, err := c.Ledger.CheckAll(t.Context(), c.System, []meibo.Question{q, q, q}, nil)
		if err != nil {
			t.Fatal(err)
		}
		wants(t, list[0], "ALLOW")
		wants(t, list[1], "ALLOW")
		wants(t, list[2], "PERMIT_EXHAUSTED")
		if list[0].Revision != list[2].Revision || list[0].At != list[2].At {
			t.Error("a batch was decided at more than one revision")
		}
		wants(t, c.Ask(q), "PERMIT_EXHAUSTED")
	})
}

func TestWhatIsCarriedOutHasToComeBack(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c, q := carrying(t, url, func(p *meibo.Permit) { p.ReturnDue = "2026-10-16" })
		wants(t, c.Ask(q), "ALLOW")
		c.Clock.At(t, "2026-10-17 09:00:00.000")
		wants(t, c.Ask(q), "RETURN_OVERDUE")
		m, err := c.Ledger.Master(t.Context(), c.Operator)
		if err != nil {
			t.Fatal(err)
		}
		m.Permits[0].ReturnedAt = c.Clock.Now()
		c.Apply(meibo.Master{Permits: m.Permits})
		wants(t, c.Ask(q), "ALLOW")
	})
}

func TestAnEmergencyIsClaimedOnceAndLookedInto(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) {
			m.Contracts[0].Purposes = append(m.Contracts[0].Purposes, "E")
			m.Contracts[0].Workplaces = []string{"W1"}
			m.Purposes = append(m.Purposes, meibo.Purpose{Code: "E", Label: "緊急"}, meibo.Purpose{Code: "E.LIFE", Label: "人の生命の保護"})
			m.Systems[0].Scopes[0].Purposes = append(m.Systems[0].Scopes[0].Purposes, "E")
			m.Systems[0].Obligations = meibo.Obligations
			m.Parameters = []meibo.Parameters{{ID: meibo.ParametersID, City: meibo.Pack(meibo.CityParameters{Emergency: meibo.EmergencyParameters{Enabled: true}})}}
		})
		line := meibotest.Line("e001")
		line.Purpose = "E"
		done := c.Submit(c.Submitter, line)
		c.Approve(c.Approver, done)
		person := done.Rows[0].PersonID
		c.Pledged(person)
		c.Notify()
		q := meibotest.Question(person)
		q.Purpose = "E.LIFE"
		q.Circumstances = meibo.Circumstances{Workplace: "home", Reason: "救急要請への対応"}
		wants(t, c.Ask(q), "WORKPLACE_NOT_PERMITTED", "EMERGENCY_NOT_ELIGIBLE")
		m, err := c.Ledger.Master(t.Context(), c.Operator)
		if err != nil {
			t.Fatal(err)
		}
		m.Contracts[0].EmergencyStaff = []meibo.PersonID{person}
		c.Apply(meibo.Master{Contracts: m.Contracts})
		claims(t, c.Ask(q))
		c.Clock.At(t, "2026-10-15 10:30:00.000")
		claims(t, c.Ask(q)) // the same claim
		list, err := c.Ledger.Emergencies(t.Context(), c.CityApprover, "C01")
		if err != nil || len(list) != 1 {
			t.Fatalf("claims: %v, %v", list, err)
		}
		c.Clock.At(t, "2026-10-15 18:00:00.000")
		wants(t, c.Ask(q), "WORKPLACE_NOT_PERMITTED", "EMERGENCY_EXPIRED")
		if _, err := c.Ledger.ReviewEmergency(t.Context(), c.CityApprover, c.Key(), list[0].ID); err != nil {
			t.Fatal(err)
		}
		claims(t, c.Ask(q))
	})
}

func claims(t *testing.T, d meibo.Decision) {
	t.Helper()
	if !d.Allowed || d.PrimaryCode != "ALLOW_EMERGENCY" {
		t.Errorf("got %v", d.Codes)
	}
}
