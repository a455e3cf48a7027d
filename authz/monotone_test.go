package authz_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

// What permits is restricted by emptying it. What restricts is restricted further as the tables below say; both together
// must speak of every field there is.

// restrictive says of the fields that restrict how they restrict the most.
var restrictive = map[string]any{
	"Until": ago, "Ended": ago, "Terminated": ago, "Suspended": ago, "Revoked": ago, "Due": ago, "Transferred": ago, "Doubted": ago, "Held": ago,
	"ReviewDue": ago,
	"Begins":    asOf.AddDate(3, 0, 0), "Leaves[].Until": time.Time{}, "Holds[].Until": time.Time{},
	"AcknowledgementRequired": true, "TrainingRequired": true, "Ambiguous": true, "Service": true, "OnBehalf": true, "Nonces": true, "CaseRef": true, "Lost": true,
	"Class.Rows": 1, "Contract.Rows": 1, "Provisos[].Rows": 1, "RowsUsed": 1000, "UsesMade": 1000, "Class.AuthLevel": 9, "Provisos[].AuthLevel": 9,
	"PledgeMonths": 1, "TrainingMonths": 1,
	"Staleness": time.Duration(1), "AuthAge": time.Duration(1), "ClockOffset": time.Duration(1), "Offset": time.Hour, "From(duration)": 48 * time.Hour,
	"Holder": "nobody", "Obligation.Name": "unheard_of", "Obligations[].Name": "unheard_of", "Action(duty)": "*",
	"Directory": &authz.Directory{}, "Hours": &authz.Hours{}, "Only": authz.OnlyOf(),
}

// restricting are lists that restrict, each with an entry that restricts the most.
var restricting = map[string]any{
	"Prohibited": "U", "Provisos": authz.Proviso{AuthLevel: 9}, "Members": authz.Asset{ID: "A99", State: authz.AssetActive}, "Holds": authz.Hold{},
	"Leaves": authz.Term{}, "Loans": authz.Loan{Due: asOf.AddDate(0, 0, -1)}, "Emergencies": authz.Emergency{Person: "E003"},
	"Duties":      authz.Duty{Action: authz.All, Obligation: authz.Obligation{Name: "unheard_of"}},
	"Obligations": authz.Obligation{Name: "unheard_of"}, "Permits(class)": authz.All, "Altering": authz.All, "TakingOut": authz.All,
}

// indifferent are fields whose change neither opens nor closes, or changes the question itself: what counts as an
// emergency, and which parameters apply at all.
var indifferent = []string{"Parameters", "Limits", "Emergency.Purposes", "Emergency.Purposes[]", "Fields", "Fields[]", "Obligation.Number",
	"Obligations[].Number", "UnusedDays", "LastUse", "Uncached", "Uncached[]", "Context.OnBehalfOf", "Owner.ID"}

var ago = asOf.AddDate(-3, 0, 0)

// key returns under which key of the tables a field stands.
func key(p place) string {
	field, path := p.field(), p.path
	for _, name := range []string{"Leaves[].Until", "Holds[].Until", "Provisos[].Rows", "Provisos[].AuthLevel", "Obligations[].Name", "Obligation.Name"} {
		if strings.HasSuffix(path, name) {
			return name
		}
	}
	switch {
	case p.value.Type() == reflect.TypeFor[*authz.Only]():
		return "Only"
	case strings.Contains(path, "Classes[]") && (field == "Rows" || field == "AuthLevel"):
		return "Class." + field
	case strings.Contains(path, "Classes[]") && field == "Permits":
		return "Permits(class)"
	case strings.HasSuffix(path, "Contract.Rows"):
		return "Contract.Rows"
	case strings.HasSuffix(path, "Windows[].From"):
		return "From(duration)"
	case strings.HasSuffix(path, "Duties[].Action"):
		return "Action(duty)"
	case strings.HasSuffix(path, "Question.Context.CaseRef"), strings.HasSuffix(path, "System.Obligations"), strings.HasSuffix(path, "Windows[].Until"):
		return ""
	}
	return field
}

// restrict takes away one permitting fact, adds one that forbids, or clears one field of the question.
func restrict(t *rapid.T, q *authz.Question, f *authz.Facts) string {
	all := placesOf(q, f)
	p := all[rapid.IntRange(0, len(all)-1).Draw(t, "place")]
	name := key(p)
	switch worst, known := restrictive[name]; {
	case slices.ContainsFunc(indifferent, func(suffix string) bool { return strings.HasSuffix(p.path, "."+suffix) }):
	case strings.HasSuffix(p.path, "Importance") && strings.Contains(p.path, "Asset"): // of a container its members decide
	case known && p.value.Kind() != reflect.Slice:
		p.value.Set(reflect.ValueOf(worst).Convert(p.value.Type()))
	case p.value.Kind() == reflect.Slice && restricting[name] != nil:
		one := reflect.ValueOf(restricting[name])
		p.value.Set(reflect.Append(p.value.Slice3(0, p.value.Len(), p.value.Len()), one))
	case strings.HasSuffix(p.path, "[]") && restricting[key(place{p.path[:len(p.path)-2], p.value})] != nil && p.value.Kind() == reflect.String:
		p.value.SetString("*") // a word of a list that restricts
	case strings.HasSuffix(p.path, "[]") && restricting[key(place{p.path[:len(p.path)-2], p.value})] != nil:
	case p.value.Kind() == reflect.Slice:
		if p.value.Len() > 0 {
			drop(p.value, rapid.IntRange(0, p.value.Len()-1).Draw(t, "element"))
		}
	case p.value.Kind() == reflect.Struct && p.value.Type() != reflect.TypeFor[time.Time](), p.value.Kind() == reflect.Array:
	default:
		p.value.SetZero()
	}
	return p.path
}

func TestTakingAwayNeverOpens(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		before, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		path := restrict(t, &q, &f)
		after, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if after.Allowed && !before.Allowed {
			t.Errorf("denied with %v, but allowed after %s was restricted", before.Codes, path)
		}
	})
}

func TestLeavingOutContextNeverOpens(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		before, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if before.Allowed {
			return
		}
		for i := range reflect.TypeFor[authz.Context]().NumField() {
			less := q
			field := reflect.TypeFor[authz.Context]().Field(i).Name
			if field == "OnBehalfOf" && (f.System == nil || !f.System.OnBehalf) {
				continue // to name nobody asks for the person alone
			}
			reflect.ValueOf(&less.Context).Elem().Field(i).SetZero()
			if after, err := policy.Decide(less, f); err != nil || after.Allowed {
				t.Errorf("denied with %v, but allowed without %s (error %v)", before.Codes, field, err)
			}
		}
	})
}

func TestAChildOfAnAllowedPurposeIsAllowed(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		if before, _ := policy.Decide(q, f); !before.Allowed {
			return
		}
		prohibited := slices.Clone(f.Prohibited)
		prohibited = append(prohibited, f.Contract.Prohibited...)
		for _, a := range parts(f.Asset) {
			prohibited = append(prohibited, a.Prohibited...)
		}
		for _, r := range f.Rights {
			if r.Limits != nil {
				prohibited = append(prohibited, r.Limits.Prohibited...)
			}
		}
		child := *f.Purpose
		child.Code += ".NIGHT"
		q.Purpose, f.Purpose = child.Code, &child
		if d, _ := policy.Decide(q, f); !d.Allowed && !slices.Contains(prohibited, child.Code) {
			t.Errorf("got %v for a child of an allowed purpose", d.Codes)
		}
	})
}

func TestNoPurposeIsNeverAllowed(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		q.Purpose = ""
		if d, _ := policy.Decide(q, f); d.Allowed {
			t.Error("allowed without a purpose")
		}
	})
}
