package meibo

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A MasterChange is one item that applying master data would add or alter.
type MasterChange struct {
	Section string
	ID      string
	New     bool
	Fields  []FieldChange
}

// A FieldChange is one altered field, as text.
type FieldChange struct{ Field, Before, After string }

// Difference lists what m would add to or alter in what is registered.
func (m Master) Difference(now Master) []MasterChange {
	var d []MasterChange
	d = append(d, compare("organizations", now.Organizations, m.Organizations)...)
	d = append(d, compare("assets", now.Assets, m.Assets)...)
	d = append(d, compare("purposes", now.Purposes, m.Purposes)...)
	d = append(d, compare("contracts", now.Contracts, m.Contracts)...)
	d = append(d, compare("subcontracts", now.Subcontracts, m.Subcontracts)...)
	d = append(d, compare("pledge_templates", now.Templates, m.Templates)...)
	d = append(d, compare("systems", now.Systems, m.Systems)...)
	d = append(d, compare("parameters", now.Parameters, m.Parameters)...)
	d = append(d, compare("permits", now.Permits, m.Permits)...)
	d = append(d, compare("service_accounts", now.Services, m.Services)...)
	return append(d, compare("delegations", now.Delegations, m.Delegations)...)
}

// Altered are the items of m that differ from what is registered, as rows.
func (m Master) Altered(now Master) []any {
	rows := altered(nil, now.Organizations, m.Organizations)
	rows = altered(rows, now.Assets, m.Assets)
	rows = altered(rows, now.Purposes, m.Purposes)
	rows = altered(rows, now.Contracts, m.Contracts)
	rows = altered(rows, now.Subcontracts, m.Subcontracts)
	rows = altered(rows, now.Templates, m.Templates)
	rows = altered(rows, now.Systems, m.Systems)
	rows = altered(rows, now.Parameters, m.Parameters)
	rows = altered(rows, now.Permits, m.Permits)
	rows = altered(rows, now.Services, m.Services)
	return altered(rows, now.Delegations, m.Delegations)
}

// merge is what is registered once m is applied.
func (m Master) merge(with Master) Master {
	return Master{
		Organizations: merged(m.Organizations, with.Organizations),
		Assets:        merged(m.Assets, with.Assets),
		Purposes:      merged(m.Purposes, with.Purposes),
		Contracts:     merged(m.Contracts, with.Contracts),
		Subcontracts:  merged(m.Subcontracts, with.Subcontracts),
		Templates:     merged(m.Templates, with.Templates),
		Systems:       merged(m.Systems, with.Systems),
		Parameters:    merged(m.Parameters, with.Parameters),
		Permits:       merged(m.Permits, with.Permits),
		Services:      merged(m.Services, with.Services),
		Delegations:   merged(m.Delegations, with.Delegations),
	}
}

func merged[K comparable, R Keyed[K]](old, new []R) []R {
	s := ShelfOf[K](append([]R(nil), old...))
	for _, r := range new {
		s.Put(r)
	}
	return s.All()
}

func altered[K comparable, R Keyed[K]](rows []any, old, new []R) []any {
	s := ShelfOf[K](old)
	for _, r := range new {
		if was, known := s.Get(r.key()); !known || text(was) != text(r) {
			rows = append(rows, r)
		}
	}
	return rows
}

func compare[K comparable, R Keyed[K]](section string, old, new []R) []MasterChange {
	s := ShelfOf[K](old)
	var d []MasterChange
	for _, r := range new {
		was, known := s.Get(r.key())
		if known && text(was) == text(r) {
			continue
		}
		d = append(d, MasterChange{section, keyText(r.key()), !known, fieldChanges(was, r)})
	}
	return d
}

func keyText(k any) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(k), " ", " v"), "{}")
}

// text is v as JSON, in which no list and an empty one are the same.
func text(v any) string {
	t, _ := json.Marshal(v, jsontext.AllowInvalidUTF8(true))
	return string(t)
}

// fieldChanges lists the fields in which two rows differ. Personal fields are
// named, not shown.
func fieldChanges(old, new any) []FieldChange {
	a, b := reflect.ValueOf(old), reflect.ValueOf(new)
	var list []FieldChange
	for i := range b.NumField() {
		before, after := fieldText(a.Field(i)), fieldText(b.Field(i))
		if text(a.Field(i).Interface()) == text(b.Field(i).Interface()) {
			continue
		}
		list = append(list, FieldChange{b.Type().Field(i).Name, before, after})
	}
	return list
}

func fieldText(f reflect.Value) string {
	switch v := f.Interface().(type) {
	case Personal:
		if v == "" {
			return ""
		}
		return "(登録あり)"
	case fmt.Stringer:
		return v.String()
	}
	if f.Kind() == reflect.Slice {
		return strings.Trim(text(f.Interface()), "[]")
	}
	t := []rune(fmt.Sprint(f.Interface()))
	if len(t) > 60 {
		return string(t[:60]) + "…"
	}
	return string(t)
}

// TemplateKey names one version of a template.
type TemplateKey struct {
	ID      TemplateID
	Version int
}

func (c Contract) key() ContractID        { return c.ID }
func (s Subcontract) key() SubcontractID  { return s.ID }
func (t PledgeTemplate) key() TemplateKey { return TemplateKey{t.ID, t.Version} }
func (s System) key() SystemID            { return s.ID }
func (p Parameters) key() string          { return p.ID }
func (p Permit) key() PermitID            { return p.ID }
func (s ServiceAccount) key() PersonID    { return s.ID }
func (d Delegation) key() DelegationID    { return d.ID }
