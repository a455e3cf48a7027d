package rpc_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestHouse tries the doors of one house on each database.
func TestHouse(t *testing.T) {
	t.Parallel()
	meibotest.Each(t, func(t *testing.T, url string) {
		h := newHouse(t, url, house{})
		for _, c := range []struct {
			name string
			try  func(*testing.T, *house)
		}{
			{"probes answer", probes},
			{"AuthZEN decides", evaluations},
			{"AuthZEN says as much as is registered", answerDetail},
			{"AuthZEN refuses what is none", evaluationErrors},
			{"AuthZEN decides on many at once", manyEvaluations},
			{"AuthZEN knows which of many are none", unfitEvaluations},
			{"AuthZEN refuses many that are none", refusedEvaluations},
			{"AuthZEN knows a system's own words", ownWords},
			{"AuthZEN searches", searches},
			{"AuthZEN refuses searches that are none", refusedSearches},
			{"every door searches alike", sameSearches},
			{"AuthZEN knows who calls", evaluationCallers},
			{"AuthZEN knows its paths", evaluationPaths},
			{"AuthZEN tells where it is", metadataPage},
			{"JSON is read one way only", strictJSON},
			{"a request means one thing only", oneMeaning},
			{"headers from outside stay outside", headersFromOutside},
			{"failures are told in JSON", failures},
			{"each kind of error comes as its status", statuses},
			{"rows tell lines apart", rows},
			{"a change says whom it names", named},
			{"every problem is told at once", everyProblem},
			{"one valid key gets in", keys},
			{"every door answers the same", sameAnswers},
			{"every door decides on many alike", sameBatches},
			{"the codes are told by every door", codeTable},
			{"no door says more than is registered", toldLess},
			{"another tenant reaches nothing", anotherTenant},
			{"the first tenant reaches its own", firstTenant},
			{"a message that cannot be read is its sender's fault", malformedMessages},
			{"bad input is told as such by every method", badInput},
			{"nothing personal is said aside", nothingPersonal},
			{"keys end", lives},
			{"without its database the house allows nothing", withoutDatabase},
		} {
			t.Run(c.name, func(t *testing.T) { c.try(t, h) })
		}
	})
}
