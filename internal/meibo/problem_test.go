package meibo_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestProblemsAreOneInvalidInput(t *testing.T) {
	ps := meibo.Problems{
		{Field: "kana", Code: "KANA_WIDENED", Warning: true}, {Row: 3, Field: "until", Code: "REQUIRED"}, {Field: "key", Code: "INVALID_ID"},
	}
	if !errors.Is(ps, meibo.ErrInvalid) || !errors.Is(ps.Err(), meibo.ErrInvalid) {
		t.Errorf("%v is not of kind %v", ps, meibo.ErrInvalid)
	}
	same(t, codes(ps.Fatal()), []string{"3 until: REQUIRED", "0 key: INVALID_ID"})
	same(t, codes(ps.Warnings()), []string{"0 kana: KANA_WIDENED"})
	same(t, ps.Fatal().Error(), "row 3 until: REQUIRED; key: INVALID_ID")
	if err := ps.Warnings().Err(); err != nil {
		t.Errorf("warnings stop a submission: %v", err)
	}
}

func TestManyProblemsMakeAShortMessage(t *testing.T) {
	ps := make(meibo.Problems, 10000)
	for i := range ps {
		ps[i] = meibo.Problem{Row: i + 1, Field: "until", Code: "REQUIRED"}
	}
	if got := ps.Error(); !strings.HasSuffix(got, "row 5 until: REQUIRED; and 9995 more") {
		t.Errorf("got %q", got)
	}
}

func TestARefusalHasAKindACodeAndASentence(t *testing.T) {
	err := meibo.Refuse(meibo.ErrForbidden, "SOD_CONFLICT")
	var refusal *meibo.Refusal
	if !errors.As(err, &refusal) || !errors.Is(err, meibo.ErrForbidden) || refusal.Sentence() == "" {
		t.Errorf("got %v", err)
	}
	same(t, err.Error(), "forbidden: SOD_CONFLICT")
}

// noSentence are the codes that are no problems: of decisions and of notices.
var noSentence = regexp.MustCompile(`^(SUBCONTRACT_\w+|FLOWDOWN_MISSING|EMPLOYER_MISMATCH|PLEDGE_(PENDING_VERIFICATION|GUARDIAN_CONSENT_MISSING|TEMPLATE_OUTDATED|EXPIRED|REJECTED|SIGNATURE_INVALID|NOT_SIGNED|MISSING)|NO_ADDRESS|HANDED_OVER|BOUNCED)$`)

func TestEveryCodeHasASentence(t *testing.T) {
	sentences := meibo.Sentences()
	isCode := regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^(REQUIRED|BLANK)$`)
	files, _ := filepath.Glob("*.go")
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				code, _ := strconv.Unquote(lit.Value)
				if isCode.MatchString(code) && !noSentence.MatchString(code) && sentences[meibo.ProblemCode(code)] == "" {
					t.Errorf("%s has no sentence", code)
				}
			}
			return true
		})
	}
}

func TestEverySentenceIsJapaneseAndEndsAsOne(t *testing.T) {
	for code, s := range meibo.Sentences() {
		if !strings.HasSuffix(s, "。") || !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hiragana, r) }) {
			t.Errorf("%s says %q", code, s)
		}
		if (meibo.Problem{Code: code}).Sentence() != s {
			t.Errorf("%s does not say its sentence", code)
		}
	}
}
