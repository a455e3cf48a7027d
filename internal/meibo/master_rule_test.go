package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhatTheCitySettlesIsJudged(t *testing.T) {
	people := map[meibo.PersonID]bool{"E001": true, "E002": true}
	permit := func(change func(*meibo.Permit)) meibo.Master {
		p := meibo.Permit{
			ID: "PM1", ContractID: "C01", PersonID: "E001", State: meibo.PermitGranted, ApproverID: "E002", Starts: "2026-10-10", Ends: "2026-10-20",
			Assets: []meibo.AssetID{"A01"}, Actions: []meibo.Action{"carry_out"}, Purposes: []meibo.PurposeCode{"*"}, Recipients: []string{"*"},
		}
		change(&p)
		return meibo.Master{Permits: []meibo.Permit{p}}
	}
	settled := func(p meibo.CityParameters) meibo.Master {
		return meibo.Master{Parameters: []meibo.Parameters{{ID: meibo.ParametersID, City: meibo.Pack(p)}}}
	}
	delegation := func(person, principal meibo.PersonID) meibo.Master {
		return meibo.Master{Delegations: []meibo.Delegation{{
			ID: "D1", ContractID: "C01", PersonID: person, PrincipalID: principal, Starts: "2026-10-10", Ends: "2026-10-20",
		}}}
	}
	contract := func(change func(*meibo.Contract)) meibo.Master {
		k := city().Contracts[0]
		change(&k)
		return meibo.Master{Contracts: []meibo.Contract{k}}
	}
	for _, c := range []struct {
		name string
		m    meibo.Master
		want []string
	}{
		{"a permit in order", permit(func(*meibo.Permit) {}), nil},
		{"a permit for whoever approved it", permit(func(p *meibo.Permit) { p.ApproverID = "E001" }), []string{"permits[0].approver: SOD_CONFLICT"}},
		{"a granted permit that nobody approved", permit(func(p *meibo.Permit) { p.ApproverID = "" }), []string{"permits[0].approver: REQUIRED"}},
		{"a permit for a stranger", permit(func(p *meibo.Permit) { p.PersonID = "E9" }), []string{"permits[0].person: REFERENCE_UNKNOWN"}},
		{"a permit of nothing known", permit(func(p *meibo.Permit) {
			p.Assets, p.Actions, p.Purposes, p.Media = []meibo.AssetID{"A9"}, []meibo.Action{"fly"}, []meibo.PurposeCode{"Q"}, []string{"\x00"}
		}), []string{"permits[0].assets: REFERENCE_UNKNOWN", "permits[0].actions: UNKNOWN_ACTION", "permits[0].purposes: REFERENCE_UNKNOWN", "permits[0].media[0]: INVALID_ID"}},
		{"fewer than no records", permit(func(p *meibo.Permit) { p.Rows = -1 }), []string{"permits[0].rows: NUMBER_OUT_OF_RANGE"}},
		{"an obligation that nobody knows", permit(func(p *meibo.Permit) { p.Obligations = meibo.Pack([]meibo.Obligation{{Name: "sing"}}) }), []string{"permits[0].obligations: UNKNOWN_VALUE"}},
		{"a class that is none", settled(meibo.CityParameters{Classes: []meibo.ClassParameters{{Importance: 5}}}), []string{"parameters[0].classes.importance: IMPORTANCE_INVALID"}},
		{"an emergency without end", settled(meibo.CityParameters{Emergency: meibo.EmergencyParameters{Minutes: 61}}), []string{"parameters[0].emergency.minutes: NUMBER_OUT_OF_RANGE"}},
		{"a duty in order", settled(meibo.CityParameters{Duties: []meibo.Duty{{Importance: 1, Obligation: meibo.Obligation{Name: "log_full"}}}}), nil},
		{"hours in order", contract(func(k *meibo.Contract) {
			k.Hours = meibo.Pack([]meibo.Window{{Days: []string{"mon", "fri"}, From: "08:30", Until: "24:00"}})
		}), nil},
		{"hours that end before they begin", contract(func(k *meibo.Contract) {
			k.Hours = meibo.Pack([]meibo.Window{{Days: []string{"mon"}, From: "19:00", Until: "08:30"}})
		}), []string{"contracts[0].hours: INVALID_HOURS"}},
		{"a day that is none", contract(func(k *meibo.Contract) {
			k.Hours = meibo.Pack([]meibo.Window{{Days: []string{"月"}, From: "08:30", Until: "19:00"}})
		}), []string{"contracts[0].hours: INVALID_HOURS"}},
		{"a stranger for emergencies", contract(func(k *meibo.Contract) { k.EmergencyStaff = []meibo.PersonID{"E9"} }), []string{"contracts[0].emergency_staff: REFERENCE_UNKNOWN"}},
		{"an asset that holds itself", meibo.Master{Assets: []meibo.Asset{{ID: "A01", Name: "箱", Importance: 1, State: meibo.AssetActive, Members: []meibo.AssetID{"A01"}}}},
			[]string{"assets[0].members: CONTAINER_IN_CONTAINER"}},
		{"a program with a human's id", meibo.Master{Services: []meibo.ServiceAccount{{ID: "E001", Name: "夜間", OwnerID: "E9", ContractID: "C01"}}},
			[]string{"service_accounts[0].id: DUPLICATE_ID", "service_accounts[0].owner: REFERENCE_UNKNOWN"}},
		{"who acts for another", delegation("E001", "E002"), nil},
		{"who acts for himself", delegation("E001", "E001"), []string{"delegations[0].principal: PRINCIPAL_IS_SELF"}},
		{"strangers who act for each other", delegation("E8", "E9"), []string{"delegations[0].person: REFERENCE_UNKNOWN", "delegations[0].principal: REFERENCE_UNKNOWN"}},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, masterProblems(t, c.m.Check(city(), nil, people)), c.want) })
	}
}
