package meibo

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxText is the greatest length of a name or other text field in code points.
const MaxText = 200

// TextProblem says what is wrong with free text, or nothing. The text itself is
// never changed: names are kept byte for byte.
func TextProblem(s string) ProblemCode {
	switch {
	case s == "":
		return ""
	case utf8.ValidString(s) && utf8.RuneCountInString(s) > MaxText:
		return "TOO_LONG"
	case utf8.ValidString(s) && strings.ContainsRune(s, '\n'):
		return "CONTROL_CHARACTER"
	}
	return linesProblem(s)
}

// linesProblem is TextProblem for text of many lines and any length.
func linesProblem(s string) ProblemCode {
	switch {
	case !utf8.ValidString(s):
		return "INVALID_UTF8"
	case strings.TrimSpace(s) == "":
		return "BLANK"
	case strings.ContainsFunc(s, forbiddenRune):
		return "CONTROL_CHARACTER"
	case strings.ContainsFunc(s, privateRune):
		return "PRIVATE_USE_CHARACTER"
	case HoldsMyNumber(s):
		return "MY_NUMBER_REFUSED"
	}
	return ""
}

// forbiddenRune: control characters, and those that reorder what is shown.
func forbiddenRune(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || (0x202A <= r && r <= 0x202E) || (0x2066 <= r && r <= 0x2069) || r == 0xFEFF || r == 0x2028 || r == 0x2029
}

func privateRune(r rune) bool { return unicode.Is(unicode.Co, r) }

// HoldsMyNumber reports whether s holds twelve digits, written together or in
// groups, whose last is the check digit of an Individual Number (個人番号). meibo
// stores none anywhere (番号法 20条).
func HoldsMyNumber(s string) bool {
	if !twelveDigits(s) || madeID(s) {
		return false
	}
	groups := [][]byte{nil}
	for _, r := range s + "\n" {
		last := &groups[len(groups)-1]
		switch {
		case '0' <= r && r <= '9':
			*last = append(*last, byte(r-'0'))
		case '０' <= r && r <= '９':
			*last = append(*last, byte(r-'０'))
		case unicode.In(r, unicode.Pd, unicode.Zs) || r == '−' || r == 'ー' || r == 'ｰ':
			if len(*last) > 0 {
				groups = append(groups, nil)
			}
		default:
			if myNumberIn(groups) {
				return true
			}
			groups = [][]byte{nil}
		}
	}
	return false
}

// madeID reports whether s has the form of an id that meibo makes (UUID): in it digits
// stand by chance.
func madeID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := '0' <= s[i] && s[i] <= '9' || 'a' <= s[i] && s[i] <= 'f'
		if dash != (s[i] == '-') || !dash && !hex {
			return false
		}
	}
	return true
}

// twelveDigits reports whether s may hold twelve digits, half or full width.
func twelveDigits(s string) bool {
	n := 0
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' || s[i] == 0xEF { // a full-width digit begins so
			n++
		}
	}
	return n >= 12
}

// myNumberIn looks for an Individual Number in groups of digits that stand side
// by side: all of them together, one of twelve digits, or three of four as on the
// card. Other groups of a longer row are dates and telephone numbers.
func myNumberIn(groups [][]byte) bool {
	if myNumber(bytes.Join(groups, nil)) {
		return true
	}
	for i, g := range groups {
		card := i+2 < len(groups) && len(g) == 4 && len(groups[i+1]) == 4 && len(groups[i+2]) == 4
		if myNumber(g) || card && myNumber(bytes.Join(groups[i:i+3], nil)) {
			return true
		}
	}
	return false
}

// myNumber reports whether the digits are an Individual Number: the last is 11
// minus the weighted sum of the others modulo 11, and 0 where that is over 9
// (総務省令 5条).
func myNumber(d []byte) bool {
	if len(d) != 12 {
		return false
	}
	sum := 0
	for n := 1; n <= 11; n++ {
		weight := n + 1
		if n > 6 {
			weight = n - 5
		}
		sum += int(d[11-n]) * weight
	}
	check := 0
	if rest := sum % 11; rest > 1 {
		check = 11 - rest
	}
	return int(d[11]) == check
}

// FullWidthKana turns half-width katakana into full-width ones, as forms store
// them (ﾏﾂﾓﾄ → マツモト). Everything else stays as it is.
func FullWidthKana(s string) string {
	var b strings.Builder
	half := func(r rune) bool { return 0xFF61 <= r && r <= 0xFF9F }
	for len(s) > 0 {
		i := strings.IndexFunc(s, half)
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		s = s[i:]
		j := strings.IndexFunc(s, func(r rune) bool { return !half(r) })
		if j < 0 {
			j = len(s)
		}
		b.WriteString(norm.NFKC.String(s[:j]))
		s = s[j:]
	}
	return b.String()
}

// variants folds the commonest variant characters of names, to suggest that two
// people may be one. It never decides identity.
var variants = strings.NewReplacer(
	"髙", "高", "﨑", "崎", "𠮷", "吉", "邉", "辺", "邊", "辺", "齋", "斉", "齊", "斉", "斎", "斉",
	"濵", "浜", "濱", "浜", "德", "徳", "桒", "桑", "栁", "柳", "冨", "富", "𣘺", "橋", "𡈽", "土",
	"眞", "真", "淸", "清", "廣", "広", "瀨", "瀬", "內", "内", "閒", "間", "惠", "恵", "鷗", "鴎", "澤", "沢",
)

// NameKey is the key under which names that may mean one person meet: NFKC,
// without variation selectors, blanks and case, variant characters folded. Each
// of these can make work for the others, so they go round until nothing changes.
func NameKey(name Personal) string {
	key := string(name)
	for range 8 {
		folded := variants.Replace(norm.NFKC.String(strings.Map(bare, variants.Replace(key))))
		if folded == key {
			break
		}
		key = folded
	}
	return key
}

func bare(r rune) rune {
	if unicode.Is(unicode.Variation_Selector, r) || unicode.IsSpace(r) {
		return -1
	}
	return unicode.ToLower(r)
}
