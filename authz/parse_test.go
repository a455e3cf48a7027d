package authz_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/authz"
)

// mutation damages the rule in one place.
type mutation struct {
	name     string
	inModel  bool   // else in the checklist
	old, new string // the first occurrence is replaced
	want     string // what the error says
}

var mutations = []mutation{
	{name: "a condition dropped from m", inModel: true, old: " && r.pledge", want: "conjunction"},
	{name: "a condition named twice in m", inModel: true, old: "&& r.pledge", new: "&& r.asset", want: "conjunction"},
	{name: "an or in m", inModel: true, old: "r.caller && r.contract", new: "r.caller || r.contract", want: "conjunction"},
	{name: "a not in m", inModel: true, old: "&& r.permitted", new: "&& !r.permitted", want: "conjunction"},
	{name: "a constant in m", inModel: true, old: "&& r.agreed", new: "&& true", want: "conjunction"},
	{name: "an or in a matcher", inModel: true, old: `&& p3.state == "active"`, new: `|| p3.state == "active"`, want: "not in the language"},
	{name: "a not in a matcher", inModel: true, old: `p6.account == "enabled"`, new: `p6.account != "disabled"`, want: "not in the language"},
	{name: "a negated part", inModel: true, old: "g2(r2.contract, p12.contract)", new: "!g2(r2.contract, p12.contract)", want: "not in the language"},
	{name: "another effect", inModel: true, old: "e = some(where (p.eft == allow))", new: "e = !some(where (p.eft == deny))", want: "e is defined as"},
	{name: "a second effect", inModel: true, old: "e = some(where (p.eft == allow))",
		new: "e = some(where (p.eft == allow))\ne2 = some(where (p.eft == allow))", want: "e2 is not a section"},
	{name: "a comment within a continued matcher", inModel: true, old: " && r.scope",
		new: " && \\\n# the scope\nr.scope", want: "may misread"},
	{name: "a continued matcher", inModel: true, old: " && r.scope", new: " \\\n&& r.scope", want: "may misread"},
	{name: "a matcher broken over two lines", inModel: true, old: " && r.scope", new: "\n&& r.scope", want: "expected the definition of m2"},
	{name: "a comment at the end of m", inModel: true, old: " && r.scope", new: " # && r.scope", want: "may misread"},
	{name: "a semicolon at the end of a matcher", inModel: true, old: ` && p3.registration`, new: ` ; && p3.registration`, want: "may misread"},
	{name: "a hash within a word", inModel: true, old: `"enabled"`, new: `"en#abled"`, want: "may misread"},
	{name: "a key defined twice", inModel: true, old: "m4 = r2.contract", new: "m3 = r2.contract", want: "expected the definition of m4"},
	{name: "a gap in the numbering", inModel: true, old: "m4 = r2.contract", new: "m40 = r2.contract", want: "expected the definition of m4"},
	{name: "m defined again at the end", inModel: true, old: "m16 = ", new: "m = r.caller\nm16 = ", want: "expected the definition of m16"},
	{name: "an unknown column of a section", inModel: true, old: "r2.at < p3.terminated", new: "r2.at < p3.cancelled", want: "no column cancelled"},
	{name: "an unknown column of the question", inModel: true, old: "r2.asset == p4.asset", new: "r2.thing == p4.asset", want: "the question has no thing"},
	{name: "an unknown section", inModel: true, old: "r2.asset == p10.asset", new: "r2.asset == p20.asset", want: "looks in two sections|has no column"},
	{name: "an unknown function", inModel: true, old: "g(r2.purpose, p2.purpose)", new: "isUnder(r2.purpose, p2.purpose)", want: "not in the language"},
	{name: "regexMatch", inModel: true, old: "r2.system == p2.system", new: "regexMatch(r2.system, p2.system)", want: "not in the language"},
	{name: "keyMatch", inModel: true, old: "r2.asset == p2.asset", new: "keyMatch(r2.asset, p2.asset)", want: "not in the language"},
	{name: "eval", inModel: true, old: "r2.system == p2.system", new: "eval(p2.system)", want: "not in the language"},
	{name: "two sections in one matcher", inModel: true, old: "r2.asset == p4.asset", new: "r2.asset == p10.asset", want: "two sections"},
	{name: "an empty matcher", inModel: true, old: "m4 = r2.contract == p4.contract && r2.asset == p4.asset", new: "m4 =", want: "empty"},
	{name: "a matcher that asks nothing of the question", inModel: true, old: `r2.asset == p10.asset && p10.importance`,
		new: `p10.importance`, want: "compares no name"},
	{name: "a matcher that only compares moments", inModel: true, old: "m16 = r2.contract == p13.contract && g(r2.purpose, p13.purpose)",
		new: "m16 = p3.from <= r2.at && r2.at < p3.until", want: "compares no name"},
	{name: "an outcome in r that is not in m", inModel: true, old: "purpose, permitted, agreed\n", new: "purpose, permitted, agreed, trained\n", want: "conjunction"},
	{name: "an outcome named twice", inModel: true, old: "r = caller, contract,", new: "r = caller, caller,", want: "named twice"},
	{name: "an outcome that looks like a column", inModel: true, old: "r = caller, contract,", new: "r = caller, p_contract,", want: "no name"},
	{name: "columns in another order", inModel: true, old: "p4 = contract, asset", new: "p4 = asset, contract", want: "p4 is defined as"},
	{name: "a column more", inModel: true, old: "p10 = asset, importance, state", new: "p10 = asset, importance, state, eft", want: "p10 is defined as"},
	{name: "a section more", inModel: true, old: "p13 = contract, purpose", new: "p13 = contract, purpose\np14 = contract, purpose", want: "p14 is not a section"},
	{name: "a request more", inModel: true, old: "purpose, at\n", new: "purpose, at\nr3 = at\n", want: "r3 is not a section"},
	{name: "a domain in the purposes", inModel: true, old: "g = _, _", new: "g = _, _, _", want: "g is defined as"},
	{name: "a heading twice", inModel: true, old: "[matchers]", new: "[matchers]\n[matchers]", want: "expected the definition of m"},
	{name: "a heading in another order", inModel: true, old: "[policy_effect]", new: "[matchers]", want: "expected the definition of g3"},
	{name: "a heading unknown to casbin", inModel: true, old: "[policy_effect]", new: "[policy_effects]", want: "expected the definition of g3"},
	{name: "a matcher indented", inModel: true, old: "m4 = ", new: " m4 = ", want: "expected the definition of m4"},
	{name: "a bracket in a matcher", inModel: true, old: `"enabled"`, new: `"[enabled]"`, want: "may misread"},
	{name: "a date in a matcher", inModel: true, old: "p3.from <= r2.at", new: `p3.from <= "2026-04-01"`, want: "not in the language"},
	{name: "a line as long as casbin's buffer", inModel: true, old: "m4 = ", new: "m4 = " + strings.Repeat(" ", 4096), want: "longer than"},
	{name: "a comment as long as casbin's buffer", inModel: true, old: "# contracts", new: "#" + strings.Repeat(" ", 4096) + "m = r.caller", want: "longer than"},
	{name: "a carriage return", inModel: true, old: "m4 = ", new: "m4 =\r", want: "may misread"},
	{name: "a letter that looks like another", inModel: true, old: "r2.asset == p4.asset", new: "r2.аsset == p4.asset", want: "may misread"},
	{name: "an end that is included", inModel: true, old: "r2.at < p3.until", new: "r2.at <= p3.until", want: "not in the language"},
	{name: "a beginning that is excluded", inModel: true, old: "p3.from <= r2.at", new: "p3.from < r2.at", want: "not in the language"},
	{name: "the checklist naming an unknown matcher", old: "m16,", new: "m17,", want: "there is no matcher"},
	{name: "the checklist without an outcome", old: "p, agreed,    m16,   present, S1-2-3-1 S1-4 S2-3-1-a\n", want: "has no row"},
	{name: "the checklist with an outcome twice", old: "p, agreed, ", new: "p, agreed, m16, present, S1-4\np, agreed, ", want: "does not decide"},
	{name: "the checklist with an outcome more", old: "p, agreed, ", new: "p, trained, m16, present, S0-2\np, agreed, ", want: "does not decide"},
	{name: "an absent mark on a condition that wants presence", old: "m3,    present", new: "m3,    absent", want: "condition contract: held"},
	{name: "a present mark on the condition that wants absence", old: "absent,  S1-4", new: "present, S1-4", want: "condition permitted: held"},
	{name: "an unknown mark", old: "absent,  S1-4", new: "either, S1-4", want: "neither present nor absent"},
	{name: "the matcher of another condition", old: "p, entrusted, m4", new: "p, entrusted, m3", want: "decides nothing"},
	{name: "an alternative that opens a condition", old: "p, scope,     m5|m7", new: "p, scope,     m5|m7|m6", want: "condition scope: held"},
	{name: "an alternative left out", old: "p, scope,     m5|m7", new: "p, scope,     m7", want: "condition scope: held"},
	{name: "a condition without a clause", old: "present, S2-4-2", new: "present,", want: "no clause"},
	{name: "a clause that is none", old: "present, S2-4-2", new: "present, S9-4-2", want: "is no clause"},
	{name: "a row that is not of the checklist", old: "p, caller,", new: "p2, caller,", want: "does not decide"},
	{name: "a row with a column more", old: "S2-4-2", new: "S2-4-2, S2-4-3", want: "wrong number of fields"},
}

func TestParseRefusesADamagedRule(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			model, checklist := read(t, "model.conf"), read(t, "checklist.csv")
			file := &checklist
			if m.inModel {
				file = &model
			}
			if !strings.Contains(*file, m.old) {
				t.Fatalf("%q does not stand in the file", m.old)
			}
			*file = strings.Replace(*file, m.old, m.new, 1)
			checkRefused(t, model, checklist, m.want)
		})
	}
}

func checkRefused(t *testing.T, model, checklist, want string) {
	t.Helper()
	policy, err := authz.Parse([]byte(model), []byte(checklist))
	if err == nil || policy != nil {
		t.Fatal("the rule was accepted")
	}
	if !regexp.MustCompile(want).MatchString(err.Error()) {
		t.Errorf("got error %q, want one with %q", err, want)
	}
}

// TestParseNoticesEveryPartOfEveryMatcher drops each part of each matcher in turn, and replaces each column by every
// other of its section, and each word of the question by every other. All of these are within the language; that the
// rule says less or something else shows in the exemplary questions only.
func TestParseNoticesEveryPartOfEveryMatcher(t *testing.T) {
	model, checklist := read(t, "model.conf"), read(t, "checklist.csv")
	columns := map[string][]string{}
	for _, d := range regexp.MustCompile(`(?m)^(r2|p[0-9]+) = (.*)$`).FindAllStringSubmatch(model, -1) {
		columns[d[1]] = strings.Split(d[2], ", ")
	}
	tried := 0
	for _, line := range regexp.MustCompile(`(?m)^m[0-9]+ = .*$`).FindAllString(model, -1) {
		key, matcher, _ := strings.Cut(line, " = ")
		parts := strings.Split(matcher, " && ")
		for i, part := range parts {
			weaker := slices.Delete(slices.Clone(parts), i, i+1)
			others := []string{strings.Join(weaker, " && ")}
			for _, changed := range exchanged(part, columns) {
				altered := slices.Clone(parts)
				altered[i] = changed
				others = append(others, strings.Join(altered, " && "))
			}
			for _, other := range others {
				tried++
				damaged := strings.Replace(model, line, fmt.Sprintf("%s = %s", key, other), 1)
				if _, err := authz.Parse([]byte(damaged), []byte(checklist)); err == nil {
					t.Errorf("accepted %s = %s", key, other)
				}
			}
		}
	}
	t.Logf("%d damaged rules refused", tried)
}

// exchanged returns the part with each of its columns replaced by every other of the same section.
func exchanged(part string, columns map[string][]string) []string {
	var all []string
	for _, use := range regexp.MustCompile(`(r2|p[0-9]+)\.([a-z]+)`).FindAllStringSubmatch(part, -1) {
		for _, other := range columns[use[1]] {
			if other != use[2] {
				all = append(all, strings.Replace(part, use[0], use[1]+"."+other, 1))
			}
		}
	}
	return all
}

// stricter returns the rule with one more condition.
func stricter(t *testing.T, matcher, mark string) (model, checklist string) {
	t.Helper()
	model = strings.NewReplacer("permitted, agreed\n", "permitted, agreed, local\n", "&& r.agreed\n", "&& r.agreed && r.local\n").
		Replace(read(t, "model.conf"))
	return model + "m17 = " + matcher + "\n", read(t, "checklist.csv") + "p, local, m17, " + mark + ", S0-4\n"
}

func TestParseRefusesAModelAndAChecklistOfDifferentRules(t *testing.T) {
	model, checklist := stricter(t, "r2.employer == p3.prime", "present")
	checkRefused(t, model, read(t, "checklist.csv"), "outcome local has no row")
	checkRefused(t, read(t, "model.conf"), checklist, "row 15 does not decide")
	checkRefused(t, read(t, "model.conf")+"m17 = r2.employer == p3.prime\n", read(t, "checklist.csv"), "matcher m17 decides nothing")
}

func TestParseRefusesFilesThatAreNoModel(t *testing.T) {
	model, checklist := read(t, "model.conf"), read(t, "checklist.csv")
	checkRefused(t, "", checklist, "nothing is defined under .matchers.")
	checkRefused(t, model[:strings.Index(model, "[matchers]")], checklist, "nothing is defined under .matchers.")
	checkRefused(t, "[request_definition]\n[policy_definition]\n", checklist, "nothing is defined under .request_definition.")
	checkRefused(t, "r = caller\n"+model, checklist, "stands before the heading")
	checkRefused(t, model+"\n# \xff\n", checklist, "not UTF-8")
	checkRefused(t, "\ufeff"+model, checklist, "stands before the heading")
	checkRefused(t, model, "", "outcome caller has no row")
	checkRefused(t, model, checklist+"p, \"", "parse error|extraneous|wrong number")
}

func TestParseRefusesARuleThatDropsAConditionEverywhere(t *testing.T) {
	model := strings.NewReplacer(", agreed\n", "\n", " && r.agreed\n", "\n", "m16 = r2.contract == p13.contract && g(r2.purpose, p13.purpose)\n", "").
		Replace(read(t, "model.conf"))
	checklist := strings.Replace(read(t, "checklist.csv"), "p, agreed,    m16,   present, S1-2-3-1 S1-4 S2-3-1-a\n", "", 1)
	checkRefused(t, model, checklist, "there is no condition agreed")
}

func TestParseRefusesAConditionThatCanNeverHold(t *testing.T) {
	model, checklist := stricter(t, "r2.system == p3.prime", "present")
	checkRefused(t, model, checklist, "an added condition denies what must be possible")
}

func TestAStricterRuleMayAddConditions(t *testing.T) {
	model, checklist := stricter(t, "g2(r2.contract, p12.contract) && r2.action == p12.purpose", "absent")
	policy, err := authz.Parse([]byte(model), []byte(checklist))
	if err != nil {
		t.Fatal(err)
	}
	if embedded := load(t); policy.Sum == embedded.Sum || len(policy.Sum) != 64 {
		t.Errorf("got sum %s, want one of its own", policy.Sum)
	}
	q, f := allowed()
	if d := decide(t, policy, q, f); !d.Allowed || len(d.Conditions) != 15 {
		t.Errorf("got %+v, want an allowed decision with 15 conditions", d)
	}
	f.Prohibited = append(f.Prohibited, q.Action)
	checkDenied(t, decide(t, policy, q, f), codes{authz.CodeDefaultDeny})
}

func FuzzParse(f *testing.F) {
	model, checklist := read(f, "model.conf"), read(f, "checklist.csv")
	f.Add(model, checklist)
	for _, m := range mutations {
		if m.inModel {
			f.Add(strings.Replace(model, m.old, m.new, 1), checklist)
		} else {
			f.Add(model, strings.Replace(checklist, m.old, m.new, 1))
		}
	}
	f.Fuzz(func(t *testing.T, model, checklist string) {
		policy, err := authz.Parse([]byte(model), []byte(checklist))
		if err != nil {
			return
		}
		for _, group := range [][]denial{requestAndContract, person, notification, pledge, assetRightAndPurpose} {
			for _, c := range group {
				q, facts := allowed()
				c.spoil(&q, &facts)
				if d, _ := policy.Decide(q, facts); d.Allowed {
					t.Errorf("accepted a rule that allows although %s:\n%s", c.name, model)
				}
			}
		}
	})
}
