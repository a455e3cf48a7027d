package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Roster is what the papers of one roster version (従事者名簿) are made of. All
// of them say the same; the canonical JSON in Head.Document is the original.
type Roster struct {
	Head    meibo.Roster
	Content meibo.RosterDocument
	Before  []meibo.Member          // of the version before, as far as the reader may see
	Said    map[meibo.PersonID]Said // by the change that cut the version
	Sender  string                  // who submitted that change; empty when the directory did
	Partial bool                    // the reader sees only some of the members
	Fonts   Fonts                   // beside the built-in one
}

// Said is what a change says of a person beside what the roster shows.
type Said struct {
	Reason    meibo.Reason
	Returned  meibo.Attested
	Successor meibo.PersonID
}

// A Paper is what a roster can be had as.
type Paper string

const (
	PaperPDF    Paper = "pdf"    // the roster (様式第1号), A4 landscape
	PaperXLSX   Paper = "xlsx"   // the same as a workbook, with the change notice and a sheet to fill in
	PaperJSON   Paper = "json"   // the canonical JSON
	PaperChange Paper = "change" // the change notice (従事者変更届) as PDF
)

// SealReason is why the paper is sealed; empty: it is not.
func (p Paper) SealReason() string {
	switch p {
	case PaperPDF:
		return "従事者名簿の交付"
	case PaperChange:
		return "従事者変更届の交付"
	}
	return ""
}

// A File is a finished paper.
type File struct {
	Name      string // without a path; no person's name in it
	MediaType string
	Content   []byte
}

// Make writes a paper of the roster. ErrInvalid: there is no such paper;
// ErrForbidden: the canonical JSON is not for who sees only some of the members.
func (r Roster) Make(p Paper) (File, error) {
	var content []byte
	var err error
	kind := "application/pdf"
	switch p {
	case PaperPDF:
		content, err = r.pdf()
	case PaperChange:
		content, err = r.changePDF()
	case PaperXLSX:
		content, err = r.xlsx()
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case PaperJSON:
		content = []byte(r.Head.Document)
		kind = "application/json"
		if r.Partial {
			err = meibo.ErrForbidden
		}
	default:
		err = meibo.Problems{{Field: "format", Code: "UNKNOWN_VALUE"}}
	}
	if err != nil {
		return File{}, fmt.Errorf("make %s of roster %d of %s: %w", p, r.Head.Version, r.Head.ContractID, err)
	}
	return File{r.FileName(p), kind, content}, nil
}

// FileName is the name of a paper's file; it names no person.
func (r Roster) FileName(p Paper) string {
	end := "." + string(p)
	if p == PaperChange {
		end = "-change.pdf"
	}
	return fmt.Sprintf("meibo-%s-v%d%s", r.Head.ContractID, r.Head.Version, end)
}

// labelOf is the Japanese label of a word of a closed vocabulary, as the file of
// changes writes it.
func labelOf(column, word string) string {
	best := ""
	if c := columnOf(column); c != nil {
		for label, w := range c.words {
			if w == word && len(label) > len(best) {
				best = label
			}
		}
	}
	if best == "" {
		return word
	}
	return best
}

var pledgeLabels = map[meibo.PledgeState]string{
	"": "未依頼", meibo.PledgeRequested: "依頼中", meibo.PledgePending: "確認待ち", meibo.PledgeValid: "有効",
	meibo.PledgeRejected: "不備", meibo.PledgeSuperseded: "置換済", meibo.PledgeDisposed: "廃棄済",
}

var chainLabels = map[string]string{
	"SUBCONTRACT_NOT_APPROVED": "再委託の承諾なし", "SUBCONTRACT_REVOKED": "再委託の承諾取消し", "SUBCONTRACT_EXPIRED": "再委託の承諾期限切れ",
	"SUBCONTRACT_NOT_STARTED": "再委託の開始前", "FLOWDOWN_MISSING": "条件の引継ぎ未確認", "SUBCONTRACT_DEPTH_EXCEEDED": "承諾より深い再委託",
	meibo.EmployerMismatch: "所属会社の不一致",
}

// label of a term, with its code: 課税台帳(A01).
func label(terms []meibo.Term, code string) string {
	i := slices.IndexFunc(terms, func(t meibo.Term) bool { return t.Code == code })
	if i < 0 || terms[i].Label == "" {
		return code
	}
	return terms[i].Label + "(" + code + ")"
}

func days(from, until meibo.Date) string { return string(from) + "〜" + string(until) }

// standing is how a member stands to the version before.
func (r Roster) standing(id meibo.PersonID) string {
	switch {
	case slices.Contains(r.Content.Difference.Added, id):
		return "追加"
	case slices.Contains(r.Content.Difference.Changed, id):
		return "変更"
	}
	return ""
}

// formerName is a member's 旧氏 and when it was given up.
func formerName(m meibo.Member) string {
	if m.FormerName == "" || m.RenamedOn == "" {
		return string(m.FormerName)
	}
	return string(m.FormerName) + "（" + string(m.RenamedOn) + "変更）"
}

// remarks are a member's 備考.
func remarks(m meibo.Member) string {
	var list []string
	if m.Suspended {
		list = append(list, "一時停止中")
	}
	if m.ChainFault != "" {
		list = append(list, labelled(chainLabels, m.ChainFault))
	}
	for _, n := range []struct{ label, text string }{{"旧氏", formerName(m)}, {"通称", string(m.Alias)}, {"ローマ字", string(m.Latin)}} {
		if n.text != "" {
			list = append(list, n.label+" "+n.text)
		}
	}
	return strings.Join(list, "\n")
}

func labelled[K comparable](labels map[K]string, key K) string {
	if l, ok := labels[key]; ok {
		return l
	}
	return fmt.Sprint(key)
}

// employment is a member's kind of employment with the chain of consents.
func employment(m meibo.Member) string {
	text := labelOf("employment", string(m.Employment))
	for _, h := range m.Chain {
		consent := h.Consent
		if consent == "" {
			consent = "承諾なし"
		}
		text += "\n" + string(h.Organization) + " " + consent
	}
	return text
}

func pledged(m meibo.Member) string {
	text := labelled(pledgeLabels, m.Pledge)
	if m.PledgedOn != "" {
		text += "\n" + string(m.PledgedOn)
	}
	return text
}

// allowed are a member's rights. Actions on one asset for one purpose in one period
// stand together.
func (r Roster) allowed(m meibo.Member) string {
	var order []meibo.MemberRight
	actions := map[meibo.MemberRight][]string{}
	for _, x := range m.Rights {
		key := x
		key.Action = ""
		if actions[key] == nil {
			order = append(order, key)
		}
		actions[key] = append(actions[key], labelOf("action", string(x.Action)))
	}
	var list []string
	for _, x := range order {
		list = append(list, label(r.Content.Assets, string(x.Asset))+" "+strings.Join(actions[x], "・"),
			" "+label(r.Content.Purposes, string(x.Purpose)), " "+days(x.From, x.Until))
	}
	return strings.Join(list, "\n")
}

// workplaces are all places of work, once each.
func (r Roster) workplaces() string {
	var list []string
	for _, m := range r.Content.Members {
		if m.Workplace != "" && !slices.Contains(list, m.Workplace) {
			list = append(list, m.Workplace)
		}
	}
	return strings.Join(list, "、")
}
