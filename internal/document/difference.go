package document

import (
	"cmp"
	"slices"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A difference is one line of the change notice (従事者変更届, 様式第2号).
type difference struct {
	Operation string // 変更区分
	Person    meibo.PersonID
	Name      string
	Employer  string
	Item      string
	Before    string
	After     string
	Day       meibo.Date // 適用日
	Reason    string
	Pledge    string // 誓約書の状態, of who is added
	HandOver  string // 返却確認・引継ぎ先, of who is removed
}

// differences are what the version changes, in the order of the roster; whom it
// no longer names comes last.
func (r Roster) differences() []difference {
	var list []difference
	before := map[meibo.PersonID]meibo.Member{}
	for _, m := range r.Before {
		before[m.PersonID] = m
	}
	for _, m := range r.Content.Members {
		was, known := before[m.PersonID]
		switch standing := r.standing(m.PersonID); {
		case standing == "追加":
			d := r.difference("追加", m)
			d.Item, d.After, d.Pledge = "従事者", r.summary(m), labelled(pledgeLabels, m.Pledge)
			d.Day = m.Starts
			list = append(list, d)
		case standing == "変更" && known:
			list = append(list, r.changes(was, m)...)
		case standing == "変更":
			list = append(list, r.difference("変更", m))
		}
	}
	for _, id := range r.Content.Difference.Removed {
		m, known := before[id]
		if !known {
			m = meibo.Member{PersonID: id}
		}
		d := r.difference("解除", m)
		d.Item, d.Before, d.HandOver = "従事者", r.summary(m), r.handOver(id)
		list = append(list, d)
	}
	return list
}

func (r Roster) difference(operation string, m meibo.Member) difference {
	reason := ""
	if word := r.Said[m.PersonID].Reason; word != "" {
		reason = labelOf("reason", string(word))
	}
	return difference{
		Operation: operation, Person: m.PersonID, Name: string(m.Name), Employer: m.EmployerName, Reason: reason, Day: r.Head.CutAt.Day(),
	}
}

// handOver is what a removed person has returned, and who goes on.
func (r Roster) handOver(id meibo.PersonID) string {
	said := r.Said[id]
	text := "返却 未確認"
	if said.Returned != "" {
		text = "返却 " + labelOf("returned", string(said.Returned))
	}
	if said.Successor == "" {
		return text
	}
	next := string(said.Successor)
	for _, m := range r.Content.Members {
		if m.PersonID == said.Successor {
			next = string(m.Name)
		}
	}
	return text + "\n引継ぎ先 " + next
}

// changes names each item in which a member differs.
func (r Roster) changes(was, is meibo.Member) []difference {
	var list []difference
	add := func(operation, item, before, after string) {
		if before != after {
			d := r.difference(operation, is)
			d.Item, d.Before, d.After = item, before, after
			list = append(list, d)
		}
	}
	if was.Suspended != is.Suspended {
		operation := "再開"
		if is.Suspended {
			operation = "一時停止"
		}
		add(operation, "状態", stateOf(was), stateOf(is))
	}
	for _, f := range memberFields {
		add("変更", f.label, f.text(was), f.text(is))
	}
	gone, came := r.rightsBetween(was, is)
	add("変更", "権限", strings.Join(gone, "\n"), strings.Join(came, "\n"))
	if len(list) == 0 { // the correction of a returned line may look like the line
		add("変更", "訂正", "", r.summary(is))
	}
	return list
}

var memberFields = []struct {
	label string
	text  func(meibo.Member) string
}{
	{"氏名", func(m meibo.Member) string { return string(m.Name) }},
	{"フリガナ", func(m meibo.Member) string { return string(m.Kana) }},
	{"ローマ字氏名", func(m meibo.Member) string { return string(m.Latin) }},
	{"通称", func(m meibo.Member) string { return string(m.Alias) }},
	{"旧氏", formerName},
	{"所属会社", func(m meibo.Member) string { return m.EmployerName }},
	{"雇用区分", employment},
	{"担当業務", func(m meibo.Member) string { return m.Task }},
	{"作業場所", func(m meibo.Member) string { return m.Workplace }},
	{"従事期間", func(m meibo.Member) string { return days(m.Starts, m.Ends) }},
	{"誓約書", pledged},
	{"再委託", func(m meibo.Member) string { return cmp.Or(chainLabels[m.ChainFault], m.ChainFault) }},
}

func stateOf(m meibo.Member) string {
	if m.Suspended {
		return "一時停止中"
	}
	return "従事中"
}

// rightsBetween are the rights that only one of both has.
func (r Roster) rightsBetween(was, is meibo.Member) (gone, came []string) {
	line := func(m meibo.Member, x meibo.MemberRight) string {
		m.Rights = []meibo.MemberRight{x}
		return r.allowed(m)
	}
	for _, x := range was.Rights {
		if !slices.Contains(is.Rights, x) {
			gone = append(gone, line(was, x))
		}
	}
	for _, x := range is.Rights {
		if !slices.Contains(was.Rights, x) {
			came = append(came, line(is, x))
		}
	}
	return gone, came
}

// summary is a member in a few lines.
func (r Roster) summary(m meibo.Member) string {
	var list []string
	for _, s := range []string{m.Task, m.Workplace} {
		if s != "" {
			list = append(list, s)
		}
	}
	if m.Starts != "" {
		list = append(list, "従事期間 "+days(m.Starts, m.Ends))
	}
	if len(m.Rights) > 0 {
		list = append(list, r.allowed(m))
	}
	return strings.Join(list, "\n")
}
