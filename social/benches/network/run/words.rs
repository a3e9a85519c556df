//! Texts and names as people write them: in several alphabets, a few words very often and most of them rarely.

use rand::RngExt as _;
use rand::rngs::StdRng;

/// The words that one reads most often in some languages, and syllables of which their rarer ones are made up.
const LANGUAGES: [(&str, &str); 6] = [
    (
        "the and to of a in is it you that for on was with are this have what meeting great today coffee photo music \
         weekend train recipe garden running question",
        "an ber con dal ent for gre hol ing jun kel lor men nor ord pre qui ras ser tion ung ver wan yel zin sta tri blo",
    ),
    (
        "und die der ich das ist nicht wir für mit auf über schön heute Straße Grüße Frühstück Zug Garten Müller \
         Besprechung größer",
        "ab bär chen dün ent ges hüt ig keit lös mer nis öl per ränk schaf tung über voll wöh zer",
    ),
    (
        "et le la les que pas pour une est déjà école été français garçon où à très café bientôt réunion",
        "à bé cour dré ève fin gné hô ien jou lette mais née oir pré quel rè sou tô vé",
    ),
    (
        "que de no la el en los mañana año señor más también está niño reunión gracias corazón",
        "ña bra ción dó eres fui gá hue illo jo lén más nó pro qué rrió sí tá vuel zo",
    ),
    (
        "и в не на я что он с как это погода сегодня хорошо привет Москва книга встреча",
        "ба вод го дел жи зна ива кра лет мо ни от пре ра сто ты ши щи вый ной",
    ),
    (
        "się nie jest to na już łódź żółty dzień kawa święta Łódź zdjęcie",
        "brz cza dło eń grz jó kłó łą mię ńsk pó rzy ść tów wę żu",
    ),
];

/// Words of languages that are written without spaces.
const EAST: &str = "東京 日本 今日 会議 写真 電車 料理 音楽 ありがとう おはよう タワー コーヒー 天気 旅行 中国 北京 上海 我们 你好 谢谢 \
     手机 学习 朋友 工作 서울 한국 안녕하세요 오늘 사진 회의 커피 친구";

/// First and last names.
const NAMES: [&str; 2] = [
    "Ann Ben Zoë Jürgen Łukasz María José François Søren Olga Иван Анна Yuki 花子 太郎 伟 민준 Fatima Omar Priya Chloé Max \
     Emma Noah Mia Liam Lena Paul Nora Finn Amélie Björn Ana Luís",
    "Lee Müller Łęcki García Nguyễn Schmidt Rossi Dubois Иванов Петрова 山田 佐藤 王 김 Khan Patel Silva Novák Jansen \
     Andersson Yılmaz O'Neill Weber Fischer Martin López Kowalski Brown",
];

/// Rarer words of each language.
const RARE: usize = 6_000;

/// What people choose from when they write.
pub struct Words {
    languages: Vec<Vec<String>>,
    east: Vec<String>,
    names: [Vec<&'static str>; 2],
}

impl Words {
    pub fn new(rng: &mut StdRng) -> Self {
        let language = |(common, syllables): (&str, &str)| {
            let syllables: Vec<_> = syllables.split_whitespace().collect();
            let mut word = || {
                let count = rng.random_range(2..5);
                (0..count).map(|_| syllables[rng.random_range(0..syllables.len())]).collect()
            };
            let rare: Vec<String> = (0..RARE).map(|_| word()).collect();
            common.split_whitespace().map(str::to_owned).chain(rare).collect()
        };
        Self {
            languages: LANGUAGES.into_iter().map(language).collect(),
            east: EAST.split_whitespace().map(str::to_owned).collect(),
            names: NAMES.map(|names| names.split_whitespace().collect()),
        }
    }

    /// What somebody says in one language.
    pub fn text(&self, rng: &mut StdRng, most: usize) -> String {
        if rng.random_range(0..8) == 0 {
            return self.eastern(rng, most);
        }
        let words = &self.languages[rng.random_range(0..self.languages.len())];
        let count = rng.random_range(4..most);
        let mut text = String::new();
        for place in 0..count {
            if place > 0 {
                text.push(' ');
            }
            text.push_str(&words[seldom(rng, words.len())]);
        }
        text
    }

    fn eastern(&self, rng: &mut StdRng, most: usize) -> String {
        let mut text = String::new();
        for _ in 0..rng.random_range(3..most) {
            match rng.random_range(0..3) {
                0 => text.push_str(&self.east[seldom(rng, self.east.len())]),
                _ => text.extend(char::from_u32(0x4e00 + u32::try_from(seldom(rng, 5000)).unwrap())),
            }
        }
        text
    }

    /// A first and a last name.
    pub fn name(&self, rng: &mut StdRng) -> [&'static str; 2] {
        self.names.each_ref().map(|names| names[rng.random_range(0..names.len())])
    }

    /// Different queries, as people type them: common and rare words, two words, names, Chinese, and one letter after
    /// the other.
    pub fn queries(&self, rng: &mut StdRng, count: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        while all.len() < count {
            let words = &self.languages[rng.random_range(0..self.languages.len())];
            let word = &words[seldom(rng, words.len())];
            let rare = &words[rng.random_range(words.len() / 2..words.len())];
            let name = self.name(rng);
            let typed: Vec<char> = rare.chars().collect();
            let candidates = [
                word.clone(),
                rare.clone(),
                format!("{word} {rare}"),
                self.east[rng.random_range(0..self.east.len())].clone(),
                name[0].to_lowercase(),
                format!("{} {}", name[0], name[1].chars().next().unwrap()),
                words[rng.random_range(0..12)].to_uppercase(),
                typed[..rng.random_range(1..typed.len())].iter().collect(),
                typed[..2].iter().collect(),
                char::from_u32(0x4e00 + u32::try_from(seldom(rng, 5000)).unwrap()).unwrap().to_string(),
            ];
            for query in candidates {
                if !all.contains(&query) && all.len() < count {
                    all.push(query);
                }
            }
        }
        all
    }
}

/// A place in a list of which the first ones are chosen most often: each as often as its place says (Zipf's law).
fn seldom(rng: &mut StdRng, len: usize) -> usize {
    let place = (len as f64).powf(rng.random::<f64>()) - 1.0;
    (place as usize).min(len - 1)
}
