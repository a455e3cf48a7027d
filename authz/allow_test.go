package authz_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

func subset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

func TestAnAllowedDecisionSaysWhy(t *testing.T) {
	policy := load(t)
	q, f := allowed()
	got := decide(t, policy, q, f)
	want := authz.Decision{
		Allowed: true, Primary: authz.CodeAllow, Codes: codes{authz.CodeAllow},
		Clauses: []string{"S2-6-1-a", "S2-6-3"}, Message: "許可します。", MaxAge: 30 * time.Second, Right: "R1", Sum: policy.Sum,
	}
	for _, c := range got.Conditions {
		if !c.Held || len(c.Codes) > 0 || len(c.Clauses) == 0 {
			t.Errorf("condition %+v, want it held, without codes and with clauses", c)
		}
	}
	if len(got.Conditions) != 42 {
		t.Errorf("got %d conditions, want 42", len(got.Conditions))
	}
	got.Conditions = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decision (-want +got):\n%s", diff)
	}
}

func TestTheFirstOfSeveralRightsThatCoverIsNamed(t *testing.T) {
	q, f := allowed()
	closed, other := f.Rights[0], f.Rights[0]
	closed.ID, closed.Opened = "R0", time.Time{}
	other.ID = "R2"
	f.Rights = []authz.Right{other, closed, f.Rights[0]}
	if d := decide(t, load(t), q, f); d.Right != "R1" {
		t.Errorf("got right %q, want R1", d.Right)
	}
}

func TestHowLongAnAllowedDecisionMayBeKept(t *testing.T) {
	policy := load(t)
	for _, c := range []struct {
		name  string
		alter func(q *authz.Question, f *authz.Facts)
		want  time.Duration
	}{
		{"half a minute for the highest importance", func(q *authz.Question, f *authz.Facts) {}, 30 * time.Second},
		{"five minutes for the others", func(q *authz.Question, f *authz.Facts) { f.Asset.Importance = 2 }, 5 * time.Minute},
		{"not at all for an export of the highest importance", func(q *authz.Question, f *authz.Facts) {
			q.Action, f.Rights[0].Action = "export", "export"
			q.Context.Permit, f.Permits = "PM-09", []authz.Permit{permit("PM-09", "export")}
		}, 0},
		{"not at all where a permit counts it", func(q *authz.Question, f *authz.Facts) {
			q.Action, f.Rights[0].Action = "send", "send"
			q.Context.Permit, f.Permits = "PM-09", []authz.Permit{permit("PM-09", "send")}
			f.Permits[0].Uses = 3
		}, 0},
		{"to the end of the permit", func(q *authz.Question, f *authz.Facts) {
			q.Action, f.Rights[0].Action = "send", "send"
			q.Context.Permit, f.Permits = "PM-09", []authz.Permit{permit("PM-09", "send")}
			f.Permits[0].Term.Until = asOf.Add(9 * time.Second)
		}, 9 * time.Second},
		{"to the beginning of a leave", func(q *authz.Question, f *authz.Facts) {
			f.Person.Leaves = []authz.Term{{From: asOf.Add(10 * time.Second)}}
		}, 10 * time.Second},
		{"to the end of the hours", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Hours = hours(10*time.Hour, 10*time.Hour+11*time.Second, time.Thursday)
		}, 11 * time.Second},
		{"to the moment at which the person was in doubt for too long", func(q *authz.Question, f *authz.Facts) {
			f.Person.Doubted = asOf.Add(13*time.Second - 24*time.Hour)
		}, 13 * time.Second},
		{"to the moment at which the directory is stale", func(q *authz.Question, f *authz.Facts) {
			f.Directory = &authz.Directory{Read: asOf.Add(12*time.Second - 24*time.Hour)}
		}, 12 * time.Second},
		{"to the moment at which the authentication is too old", func(q *authz.Question, f *authz.Facts) {
			f.Parameters = authz.DefaultParameters()
			f.Parameters.Classes[0].AuthAge, q.Context.AuthTime = time.Minute, asOf.Add(13*time.Second-time.Minute)
		}, 13 * time.Second},
		{"to the moment at which the roster must be confirmed again", func(q *authz.Question, f *authz.Facts) {
			f.Contract.ReviewDue = asOf.Add(14 * time.Second)
		}, 14 * time.Second},
		{"to the end of the training", func(q *authz.Question, f *authz.Facts) {
			f.Contract.TrainingRequired = true
			f.Trainings = []authz.Training{{Person: q.Person, Contract: authz.All, Term: authz.Term{From: asOf.AddDate(-1, 0, 0), Until: asOf.Add(15 * time.Second)}}}
		}, 15 * time.Second},
		{"to the renewal of the pledge", func(q *authz.Question, f *authz.Facts) {
			f.Parameters = authz.DefaultParameters()
			f.Parameters.PledgeMonths, q.At = 6, at("2026-09-24T23:59:44+09:00")
		}, 16 * time.Second},
		{"as long as the city says, but for the fraction of a microsecond", func(q *authz.Question, f *authz.Facts) {
			f.Person.Until, q.At = asOf.Add(30*time.Second), asOf.Add(300)
		}, 30*time.Second - 300},
		{"to the end of the contract", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Term.Until = asOf.Add(time.Second)
		}, time.Second},
		{"to the last microsecond", func(q *authz.Question, f *authz.Facts) {
			q.At = at("2027-03-31T23:59:59.999999+09:00")
		}, time.Microsecond},
		{"to an announced termination", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Terminated = asOf.Add(2 * time.Second)
		}, 2 * time.Second},
		{"to the expiry of the account", func(q *authz.Question, f *authz.Facts) {
			f.Person.Until = asOf.Add(3 * time.Second)
		}, 3 * time.Second},
		{"to an announced suspension", func(q *authz.Question, f *authz.Facts) {
			f.Assignment.Suspended = asOf.Add(4 * time.Second)
		}, 4 * time.Second},
		{"to the end of the right", func(q *authz.Question, f *authz.Facts) {
			f.Rights[0].Term.Until = asOf.Add(5 * time.Second)
		}, 5 * time.Second},
		{"to the moment at which the pledge is due again", func(q *authz.Question, f *authz.Facts) {
			f.Pledges[0].Due = asOf.Add(6 * time.Second)
		}, 6 * time.Second},
		{"to the end of the purpose", func(q *authz.Question, f *authz.Facts) {
			f.Purpose.Term.Until = asOf.Add(7 * time.Second)
		}, 7 * time.Second},
		{"to the end of a consent", func(q *authz.Question, f *authz.Facts) {
			*q, *f = subcontracted(*q, *f)
			f.Hops[0].Consents[0].Revoked = asOf.Add(8 * time.Second)
		}, 8 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := allowed()
			c.alter(&q, &f)
			if d := decide(t, policy, q, f); !d.Allowed || d.MaxAge != c.want {
				t.Errorf("allowed = %t, max age = %v, want %v", d.Allowed, d.MaxAge, c.want)
			}
		})
	}
}

func TestAdvice(t *testing.T) {
	policy := load(t)
	for _, c := range []struct {
		name  string
		alter func(q *authz.Question, f *authz.Facts)
		want  codes
	}{
		{"is not given when nothing is near", func(q *authz.Question, f *authz.Facts) {}, nil},
		{"says that the pledge must be signed again", func(q *authz.Question, f *authz.Facts) {
			f.Pledges[0].Due = jst("2026-11-01")
		}, codes{authz.CodeAdvicePledgeResignDue}},
		{"says nothing of an old pledge beside a new one", func(q *authz.Question, f *authz.Facts) {
			f.Pledges = append(f.Pledges, f.Pledges[0])
			f.Pledges[0].Due = jst("2026-11-01")
		}, nil},
		{"says that the contract ends within thirty days", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Term.Until = asOf.AddDate(0, 0, 30)
		}, codes{authz.CodeAdviceContractEnding}},
		{"says nothing of a contract that ends later", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Term.Until = asOf.AddDate(0, 0, 31)
		}, nil},
		{"says that the contract will be terminated", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Terminated = asOf.AddDate(0, 0, 1)
		}, codes{authz.CodeAdviceContractEnding}},
		{"says that the consent ends before the contract", func(q *authz.Question, f *authz.Facts) {
			*q, *f = subcontracted(*q, *f)
			f.Hops[0].Consents[0].Term.Until = asOf.AddDate(0, 0, 7)
		}, codes{authz.CodeAdviceSubcontractEnding}},
		{"says nothing of a consent that is followed by another", func(q *authz.Question, f *authz.Facts) {
			*q, *f = subcontracted(*q, *f)
			f.Hops[0].Consents = append(f.Hops[0].Consents, f.Hops[0].Consents[0])
			f.Hops[0].Consents[0].Term.Until = asOf.AddDate(0, 0, 7)
		}, nil},
		{"says that training is due", func(q *authz.Question, f *authz.Facts) {
			f.Contract.TrainingRequired = true
			f.Trainings = []authz.Training{{Person: q.Person, Contract: q.Contract, Term: authz.Term{From: jst("2025-11-01")}}}
		}, codes{authz.CodeAdviceTrainingDue}},
		{"says nothing of training that nobody asks for", func(q *authz.Question, f *authz.Facts) {}, nil},
		{"says that the right was not used for ninety days", func(q *authz.Question, f *authz.Facts) {
			f.Rights[0].LastUse = asOf.AddDate(0, 0, -90)
		}, codes{authz.CodeAdviceRightUnused}},
		{"says nothing of a right that was used since", func(q *authz.Question, f *authz.Facts) {
			f.Rights[0].LastUse = asOf.AddDate(0, 0, -89)
		}, nil},
		{"says that the directory was read long ago", func(q *authz.Question, f *authz.Facts) {
			f.Directory = &authz.Directory{Read: asOf.Add(-13 * time.Hour)}
		}, codes{authz.CodeAdviceSyncOld}},
		{"says nothing of a directory that was read lately", func(q *authz.Question, f *authz.Facts) {
			f.Directory = &authz.Directory{Read: asOf.Add(-11 * time.Hour)}
		}, nil},
		{"says that the city has not acknowledged", func(q *authz.Question, f *authz.Facts) {
			f.Rights[0].Acknowledged = false
		}, codes{authz.CodeAdviceRosterUnacknowledged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := allowed()
			c.alter(&q, &f)
			d := decide(t, policy, q, f)
			if diff := cmp.Diff(c.want, d.Advice); diff != "" || !d.Allowed {
				t.Errorf("allowed = %t, advice (-want +got):\n%s", d.Allowed, diff)
			}
		})
	}
}

func TestMessagesNameDaysInJapan(t *testing.T) {
	policy := load(t)
	for _, c := range []struct {
		name  string
		alter func(q *authz.Question, f *authz.Facts)
		want  string
	}{
		{"the first day of a contract", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Term = days("2026-11-01", "2027-03-31")
		}, "契約の履行期間が始まっていません(開始日: 2026年11月1日)。"},
		{"the last day of a contract, which is included", func(q *authz.Question, f *authz.Facts) {
			f.Contract.Term = days("2026-05-01", "2026-10-14")
		}, "契約の履行期間が終了しています(終了日: 2026年10月14日)。"},
		{"the period of a consent", func(q *authz.Question, f *authz.Facts) {
			*q, *f = subcontracted(*q, *f)
			f.Hops[0].Consents[0].Term = days("2026-05-01", "2026-09-30")
		}, "再委託の承諾期間外です(期間: 2026年5月1日〜2026年9月30日)。"},
		{"the first day of an assignment", func(q *authz.Question, f *authz.Facts) {
			f.Assignment.Term = days("2026-11-01", "2027-03-31")
		}, "従事開始日前です(開始日: 2026年11月1日)。"},
		{"the day on which a person left", func(q *authz.Question, f *authz.Facts) {
			f.Assignment.Ended = at("2026-08-31T17:30:00+09:00")
		}, "従事期間が終了しています(終了日: 2026年8月31日)。"},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := allowed()
			c.alter(&q, &f)
			if d := decide(t, policy, q, f); d.Message != c.want {
				t.Errorf("got %q, want %q", d.Message, c.want)
			}
		})
	}
}

func TestTheContractEndsAtMidnightInJapan(t *testing.T) {
	policy := load(t)
	q, f := allowed()
	f.Contract.Term = days("2026-05-01", "2026-10-15")
	for _, c := range []struct {
		at   string
		want authz.Code
	}{
		{"2026-10-15T23:59:59.999+09:00", authz.CodeAllow},
		{"2026-10-15T14:59:59.999999Z", authz.CodeAllow},
		{"2026-10-16T00:00:00+09:00", authz.CodeContractEnded},
		{"2026-10-15T15:00:00Z", authz.CodeContractEnded},
	} {
		q.At = at(c.at)
		if d := decide(t, policy, q, f); d.Primary != c.want {
			t.Errorf("at %s: got %s, want %s", c.at, d.Primary, c.want)
		}
	}
}

func TestDenialsWithoutFacts(t *testing.T) {
	policy := load(t)
	for code, want := range map[authz.Code]authz.Code{
		authz.CodeRequestMalformed: authz.CodeRequestMalformed,
		authz.CodeStoreUnavailable: authz.CodeStoreUnavailable,
		authz.CodeAuditUnavailable: authz.CodeAuditUnavailable,
		authz.CodeAllow:            authz.CodeDefaultDeny,
		"NO_SUCH_CODE":             authz.CodeDefaultDeny,
	} {
		d := policy.Deny(code)
		if d.Allowed || d.Primary != want || d.Message == "" || len(d.Clauses) == 0 || d.Sum != policy.Sum {
			t.Errorf("Deny(%s) = %+v, want a denial with code %s", code, d, want)
		}
	}
}
