package authz_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

// constants returns the values of the constants of type Code, in the order of codes.go.
func constants(t *testing.T) []authz.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []authz.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, authz.Code(value))
		return false
	})
	return all
}

func TestEveryCodeIsInTheTableOnce(t *testing.T) {
	var table []authz.Code
	for _, info := range authz.Codes() {
		table = append(table, info.Code)
	}
	if diff := cmp.Diff(constants(t), table); diff != "" {
		t.Errorf("table of codes (-constants +table):\n%s", diff)
	}
}

func TestTheTableOfCodesIsComplete(t *testing.T) {
	clause := regexp.MustCompile(`^S[0-2](-[0-9]+){1,3}(-[a-d])?$`)
	for _, info := range authz.Codes() {
		if !slices.Contains([]authz.Kind{authz.KindDeny, authz.KindAllow, authz.KindAdvice}, info.Kind) {
			t.Errorf("%s is of kind %q", info.Code, info.Kind)
		}
		if info.Disclosure != authz.DisclosePerson && info.Disclosure != authz.DiscloseOperator {
			t.Errorf("%s is of class %q", info.Code, info.Disclosure)
		}
		if info.Group == "" || !strings.HasSuffix(info.Message, "。") || len(info.Clauses) == 0 {
			t.Errorf("%s lacks its group, message or clauses: %+v", info.Code, info)
		}
		for _, id := range info.Clauses {
			if !clause.MatchString(id) {
				t.Errorf("%s names the clause %q", info.Code, id)
			}
		}
	}
}

func TestInfoKnowsTheTableAndNothingElse(t *testing.T) {
	for _, want := range authz.Codes() {
		if got, known := authz.Info(want.Code); !known || !cmp.Equal(got, want) {
			t.Errorf("Info(%s) = %+v, %t", want.Code, got, known)
		}
	}
	if got, known := authz.Info("NO_SUCH_CODE"); known {
		t.Errorf("Info(NO_SUCH_CODE) = %+v", got)
	}
}

func TestNobodyCanChangeTheTableOfCodes(t *testing.T) {
	authz.Codes()[0].Clauses[0] = "S9"
	info, _ := authz.Info(authz.CodeRequestMalformed)
	info.Clauses[0] = "S9"
	if info, _ := authz.Info(authz.CodeRequestMalformed); info.Clauses[0] != "S2-6-2" {
		t.Errorf("got clauses %v", info.Clauses)
	}
}

// TestEveryCodeIsReachable looks for every code in the decisions of the other tables.
func TestEveryCodeIsReachable(t *testing.T) {
	policy := load(t)
	reached := map[authz.Code]bool{}
	reach := func(d authz.Decision) {
		for _, code := range slices.Concat(d.Codes, d.Advice) {
			reached[code] = true
		}
		for _, c := range d.Conditions {
			for _, code := range c.Codes {
				info, _ := authz.Info(code)
				if !subset(info.Clauses, c.Clauses) {
					t.Errorf("condition %s is based on %v, but its code %s on %v", c.Outcome, c.Clauses, code, info.Clauses)
				}
			}
		}
	}
	spoil := func(base func() (authz.Question, authz.Facts), groups ...[]denial) {
		for _, c := range slices.Concat(groups...) {
			q, f := base()
			c.spoil(&q, &f)
			reach(decide(t, policy, q, f))
		}
	}
	spoil(func() (authz.Question, authz.Facts) { return subcontractedTwice(allowed()) },
		requestAndContract, person, notification, pledge, assetRightAndPurpose, chains)
	spoil(allowed, systemAndHolds, people, purposesAndCircumstances)
	spoil(carrying, permits)
	spoil(emergency, emergencies)
	spoil(closing, []denial{{"view", func(q *authz.Question, _ *authz.Facts) { q.Action = "view" }, nil}})
	q, f := emergency()
	reach(decide(t, policy, q, f))
	q, f = subcontracted(allowed())
	soon := asOf.AddDate(0, 0, 7)
	f.Rights[0].LastUse, f.Contract.TrainingRequired = asOf.AddDate(-1, 0, 0), true
	f.Trainings = []authz.Training{{Person: q.Person, Contract: authz.All, Term: authz.Term{From: asOf.AddDate(-1, 0, 0), Until: soon}}}
	f.Contract.Term.Until, f.Pledges[0].Due, f.Rights[0].Acknowledged = soon.AddDate(0, 0, 1), soon, false
	f.Hops[0].Consents[0].Term.Until = soon
	reach(decide(t, policy, q, f))
	for _, code := range []authz.Code{authz.CodeStoreUnavailable, authz.CodeAuditUnavailable, authz.CodeDefaultDeny} {
		reach(policy.Deny(code))
	}
	for _, code := range constants(t) {
		if !reached[code] {
			t.Errorf("no decision carries %s", code)
		}
	}
}
