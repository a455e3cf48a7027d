package meibo_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestTextProblem(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       meibo.ProblemCode
	}{
		{"a name is a name", "髙﨑 真理子", ""},
		{"a character outside the first plane is fine", "𠮷田 悠斗", ""},
		{"a variation selector is fine", "葛\U000E0100城 亮", ""},
		{"an ideographic blank is fine", "中村　優", ""},
		{"a compatibility ideograph is fine", "德永 朗", ""},
		{"an apostrophe, a hyphen and an accent are fine", "O’BRIEN-SMITH SEÁN", ""},
		{"no text is no problem", "", ""},
		{"200 characters are enough", strings.Repeat("𠮷", 200), ""},
		{"201 characters are too many", strings.Repeat("あ", 201), "TOO_LONG"},
		{"blanks alone say nothing", " 　\u00a0", "BLANK"},
		{"a NUL is refused", "髙\x00﨑", "CONTROL_CHARACTER"},
		{"a line break is refused", "髙﨑\n真理子", "CONTROL_CHARACTER"},
		{"a C1 control is refused", "髙\u0085﨑", "CONTROL_CHARACTER"},
		{"what turns the direction around is refused", "髙\u202e﨑", "CONTROL_CHARACTER"},
		{"an isolate is refused", "髙\u2066﨑", "CONTROL_CHARACTER"},
		{"a line separator is refused", "髙\u2028﨑", "CONTROL_CHARACTER"},
		{"a byte order mark is refused", "\ufeff髙﨑", "CONTROL_CHARACTER"},
		{"a half character is refused", "髙\xef\xa8", "INVALID_UTF8"},
		{"text in CP932 is refused", "\x8d\x82", "INVALID_UTF8"},
		{"a character of private use is refused", "\ue000田", "PRIVATE_USE_CHARACTER"},
		{"a character of private use on plane 15 is refused", "\U000f0000田", "PRIVATE_USE_CHARACTER"},
		{"an Individual Number is refused", "123456789018", "MY_NUMBER_REFUSED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := meibo.TextProblem(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestHoldsMyNumber(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"twelve digits with their check digit are one", "123456789018", true},
		{"in an id that meibo has made they stand by chance", "01a22ba2-4612-749e-af23-123456789018", false},
		{"beside such an id they do not", "01a22ba2-4612-749e-af23-123456789018 123456789018", true},
		{"nor in what only looks like one", "x1a22ba2-4612-749e-af23-123456789018", true},
		{"another check digit is none", "123456789017", false},
		{"a rest of one means the check digit 0", "100000000030", true},
		{"the card's groups are one", "1234 5678 9018", true},
		{"hyphens set groups apart", "1234-5678-9018", true},
		{"full-width digits are digits", "１２３４－５６７８－９０１８", true},
		{"a long vowel mark serves as a hyphen", "１２３４ー５６７８ー９０１８", true},
		{"a dash serves as a hyphen", "1234–5678—9018", true},
		{"a blank that does not break serves as a blank", "1234\u00a05678\u00a09018", true},
		{"a number within a sentence is one", "番号は123456789018です", true},
		{"a number at the end is one", "番号: 123456789018", true},
		{"a number beside a telephone number is one", "090-1234-5678 123456789018", true},
		{"a number in groups beside a telephone number is one", "1234-5678-9018 090-1234-5678", true},
		{"one of two numbers is one", "123456789017 123456789018", true},
		{"thirteen digits are none", "1123456789018", false},
		{"eleven digits are none", "12345678901", false},
		{"a corporate number is none", "7123456789012", false},
		{"two dates are none", "2026-04-01 2027-03-31", false},
		{"twelve digits with words between are none", "123456番789018号", false},
		{"no text is none", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := meibo.HoldsMyNumber(c.text); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

// checkDigit is the Individual Number's by the ordinance: 11 less the rest, and
// 0 where the rest is 0 or 1.
func checkDigit(base string) byte {
	sum := 0
	for i, q := range []int{6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
		sum += int(base[i]-'0') * q
	}
	if rest := sum % 11; rest > 1 {
		return '0' + byte(11-rest)
	}
	return '0'
}

func TestEveryCheckDigitIsKnown(t *testing.T) {
	base := []byte("12345678901")
	for i := range base {
		for digit := byte('0'); digit <= '9'; digit++ {
			b := append([]byte(nil), base...)
			b[i] = digit
			for last := byte('0'); last <= '9'; last++ {
				number := string(b) + string(last)
				if got, want := meibo.HoldsMyNumber(number), last == checkDigit(string(b)); got != want {
					t.Errorf("%s: got %t, want %t", number, got, want)
				}
			}
		}
	}
}

func TestFullWidthKana(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"half-width kana become full-width", "ﾏﾂﾓﾄ ﾀﾛｳ", "マツモト タロウ"},
		{"a mark of voice joins its letter", "ﾄﾞｲﾊﾟﾝ", "ドイパン"},
		{"a long vowel mark becomes full-width", "ﾏﾘｰ", "マリー"},
		{"full-width kana stay", "マツモト　タロウ", "マツモト　タロウ"},
		{"other letters stay, also such as NFKC would change", "ＡＢＣ 朗 ﾀ", "ＡＢＣ 朗 タ"},
		{"historic kana stay", "ヱイ", "ヱイ"},
		{"no text stays none", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := meibo.FullWidthKana(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNamesThatMayMeanOnePersonMeet(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b meibo.Personal
		same bool
	}{
		{"a ladder 髙 meets a 高, a standing 﨑 a 崎", "髙﨑 真理子", "高崎 真理子", true},
		{"𠮷 meets 吉", "𠮷田 悠斗", "吉田 悠斗", true},
		{"three ways to write Watanabe meet", "渡邉 結衣", "渡邊 結衣", true},
		{"a simple 辺 meets them", "渡邉 結衣", "渡辺 結衣", true},
		{"a variation selector is no difference", "渡邉\U000E010F 翔", "渡辺 翔", true},
		{"a selector of the first plane is no difference", "葛\ufe00西 亮", "葛西 亮", true},
		{"an ideographic blank is no difference", "中村　優", "中村優", true},
		{"upper case is no difference", "Maria", "MARIA", true},
		{"full-width letters are no difference", "ＭＡＲＩＡ", "MARIA", true},
		{"a compatibility ideograph meets its own", "德永 朗", "徳永 朗", true},
		{"a selector between a letter and its mark is no difference", "か\ufe00\u3099", "が", true},
		{"other people do not meet", "佐藤 健", "佐藤 健一", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := meibo.NameKey(c.a), meibo.NameKey(c.b)
			if (a == b) != c.same {
				t.Errorf("%q and %q: same is %t", a, b, !c.same)
			}
		})
	}
}

func FuzzHoldsMyNumber(f *testing.F) {
	for _, s := range []string{"123456789018", "1234-5678-9018", "１２３４ー５６７８ー９０１８", "090-1234-5678 123456789018", "\xff12"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		digits := 0
		for _, r := range s {
			if '0' <= r && r <= '9' || '０' <= r && r <= '９' {
				digits++
			}
		}
		if meibo.HoldsMyNumber(s) && digits < 12 {
			t.Fatalf("%q has %d digits", s, digits)
		}
		if !meibo.HoldsMyNumber(s + "号123456789018") {
			t.Fatalf("%q hides a number", s)
		}
	})
}

func FuzzFullWidthKana(f *testing.F) {
	for _, s := range []string{"ﾏﾂﾓﾄ ﾀﾛｳ", "ﾄﾞ", "ﾞ", "マツモト", "\xffﾀ", "ﾡ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		wide := meibo.FullWidthKana(s)
		if again := meibo.FullWidthKana(wide); again != wide {
			t.Fatalf("%q became %q, and that %q", s, wide, again)
		}
		if utf8.ValidString(s) && !utf8.ValidString(wide) {
			t.Fatalf("%q became %q", s, wide)
		}
		half := func(r rune) bool { return 0xFF61 <= r && r <= 0xFF9F }
		if !strings.ContainsFunc(s, half) && wide != s {
			t.Fatalf("%q has nothing to widen and became %q", s, wide)
		}
		if strings.ContainsFunc(wide, half) {
			t.Fatalf("%q became %q, which is not wide", s, wide)
		}
	})
}

func FuzzNameKey(f *testing.F) {
	for _, s := range []string{"髙﨑 真理子", "𠮷田", "渡邉\U000E010F 翔", "か\ufe00\u3099", "ＭＡＲＩＡ", "İ", "ϔ", "ﬁ", "\xff", "K", "Å", "德永 朗", "ｱﾞ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		key := meibo.NameKey(meibo.Personal(s))
		if again := meibo.NameKey(meibo.Personal(key)); again != key {
			t.Fatalf("the key of %q is %q, whose key is %q", s, key, again)
		}
		if spaced := meibo.NameKey(meibo.Personal(s + "　")); spaced != key {
			t.Fatalf("the key of %q is %q, with a blank %q", s, key, spaced)
		}
	})
}
