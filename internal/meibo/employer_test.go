package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestForWhomTheDirectoryShowsSomebodyToWork(t *testing.T) {
	all := []meibo.Organization{
		{ID: "K1", Name: "株式会社架空データサービス", CorporateNumber: "6999901000101", DirectoryNames: []string{"0017"}, MailDomains: []string{"data.kakuu.example"}},
		{ID: "K2", Name: "合同会社みほんシステムズ", MailDomains: []string{"mihon-sys.example", "mihon.example"}},
		{ID: "S1", Name: "有限会社ひな形入力センター"},
	}
	k1, nobody := []meibo.OrganizationID{"K1"}, []meibo.OrganizationID{meibo.NoEmployer}
	for _, c := range []struct {
		name          string
		placed        []meibo.OrganizationID
		named, mailed []string
		want          []meibo.OrganizationID
	}{
		{"the place alone speaks", k1, nil, nil, k1},
		{"a place of nobody's is nobody's", nil, nil, nil, nobody},
		{"nor do a name and a mail make it somebody's", nil, []string{"K1"}, []string{"a@data.kakuu.example"}, nobody},
		{"companies that share a base are told apart by the name", []meibo.OrganizationID{"K2", "K1"}, []string{"K1"}, nil, k1},
		{"and by the mail", []meibo.OrganizationID{"K1", "S1"}, nil, []string{"a@data.kakuu.example"}, k1},
		{"or not at all", []meibo.OrganizationID{"K2", "K1"}, nil, nil, []meibo.OrganizationID{"K1", "K2"}},
		{"the name is the registered one", k1, []string{"株式会社架空データサービス"}, nil, k1},
		{"it may be abbreviated", k1, []string{"㈱架空データサービス"}, nil, k1},
		{"and written in half width, with blanks", k1, []string{"(株)　架空ﾃﾞｰﾀｻｰﾋﾞｽ"}, nil, k1},
		{"a company of another kind is another", k1, []string{"有限会社架空データサービス"}, nil, nobody},
		{"a code counts that was registered", k1, []string{"0017"}, nil, k1},
		{"the corporate number counts", k1, []string{"６９９９９０１０００１０１"}, nil, k1},
		{"another code is somebody else's", k1, []string{"0018"}, nil, nobody},
		{"of several names one will do", k1, []string{"出向", "K1"}, nil, k1},
		{"an empty name names nobody", []meibo.OrganizationID{"S1"}, []string{" "}, nil, nobody},
		{"another company's name denies the place", k1, []string{"K2"}, nil, nobody},
		{"another company's mail denies it, too", k1, []string{"K1"}, []string{"takagi@mihon-sys.example"}, nobody},
		{"a mail of nobody's denies it where its own are registered", k1, nil, []string{"takagi@hidden.example"}, nobody},
		{"and does not where none are", []meibo.OrganizationID{"S1"}, nil, []string{"takagi@hidden.example"}, []meibo.OrganizationID{"S1"}},
		{"there another's denies it", []meibo.OrganizationID{"S1"}, nil, []string{"takagi@DATA.kakuu.example"}, nobody},
		{"a domain below its own is its own", k1, nil, []string{"a@tax.Data.Kakuu.example"}, k1},
		{"one that only ends alike is not", k1, nil, []string{"a@bigdata.kakuu.example"}, nobody},
		{"of several mails one will do", k1, nil, []string{"a@hidden.example", "a@data.kakuu.example"}, k1},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, meibo.EmployersShown(all, meibo.Shown{Placed: c.placed, Named: c.named, Mails: c.mailed}), c.want)
		})
	}
}
