//! The last day.

use super::{HOUR, POST, Post, photo, says};
use crate::demo::landscapes::Scene;

pub(super) static POSTS: [Post; 17] = [
    Post {
        by: "maximiliane",
        ago: 22 * HOUR + 25,
        text: "A visitor asked whether the salt mine is \"gluten free\". I said yes. I have never been so sure of \
            anything.",
        likes: 75,
        comments: &[
            says("grace", 18, "I would have asked for the certificate, dear.").and(&[says(
                "maximiliane",
                31,
                "It would not fit on the form either.",
            )]),
            says("liwei", 55, "盐:零过敏原，一亿年保质期。Zero allergens, shelf life: a hundred million years."),
        ],
        ..POST
    },
    Post {
        by: "aroha",
        ago: 20 * HOUR + 10,
        text: "Forty seismometers, forty altos and tenors, and today both groups were exactly in time with each other \
            for about six seconds. Kia ora to small miracles.",
        likes: 55,
        comments: &[says("omar", 25, "Please tell me that somebody recorded those six seconds.").and(&[
            says("aroha", 40, "The seismometers did! I will send you the file. It is mostly basses."),
            says("omar", 52, "The best files are."),
        ])],
        ..POST
    },
    Post {
        by: "haruto.sato",
        ago: 18 * HOUR + 40,
        text: "苔は急がない。電車は急ぐ。私はその間に座っている。",
        likes: 45,
        comments: &[
            says("soyeon.kim", 30, "Every word of this belongs in a picture book. May I borrow the moss?")
                .and(&[says("haruto.sato", 47, "どうぞ。The moss says yes, slowly.")]),
            says("jean-luc", 120, "Ici aussi on attend. Mais chez nous c'est la route qui fond."),
        ],
        ..POST
    },
    Post {
        by: "kwame",
        ago: 17 * HOUR,
        text: "Pump 31 runs. It stood in a crate for two months because of one gasket, and then it took nine \
            minutes.\n\nThe drawings, the parts list and the honest list of everything that went wrong: \
            https://example.org/pump",
        photos: &[
            photo(
                Scene::Dunes,
                3,
                "Dunes in rows from pale sand to dark red under an orange sky with a large white sun.",
            ),
            photo(
                Scene::Dunes,
                11,
                "The same evening farther along: red dunes in front, yellow ones behind, the sun on the left.",
            ),
        ],
        likes: 80,
        comments: &[
            says("amara", 12, "Nine minutes! I know bridges that needed longer to be named."),
            says(
                "priya",
                33,
                "The honest list is the best part. Item 14, \"we had the drawing upside down\", is going on my wall.",
            )
            .and(&[says("kwame", 41, "In our defence, it was a very symmetrical drawing.")]),
            says(
                "demo",
                95,
                "Congratulations to all of you. Does the gasket get a name? It seems to be the main character.",
            )
            .and(&[says("kwame", 110, "Her name is Patience.")]),
        ],
        ..POST
    },
    Post {
        by: "fatima",
        ago: 14 * HOUR + 35,
        text: "Trente-deux petits patients aujourd'hui, zéro larme après le miel. Les abeilles demandent une \
            augmentation.",
        likes: 60,
        comments: &[
            says("mateo", 22, "Give them a plot with lavender and a dental plan."),
            says("grace", 48, "Thirty-two! I always had a biscuit in my pocket. Honey is better; biscuits crumble."),
        ],
        ..POST
    },
    Post {
        by: "tomas.novak",
        ago: 12 * HOUR + 15,
        text: "Božena update: she has been moved from the workshop to the van. It took four people, one blanket and a \
            short speech.",
        likes: 65,
        comments: &[
            says("olena", 9, "Хто виголошував промову? Who gave the speech, you or the bass?").and(&[says(
                "tomas.novak",
                15,
                "She did. It was one note long and everybody understood.",
            )]),
            says("omar", 70, "صوت واحد يكفي. One good note is enough."),
        ],
        ..POST
    },
    Post {
        by: "olena",
        ago: 9 * HOUR + 50,
        text: "Слово дня: «хатинка». English needs three words, \"little old cottage\", and still has nowhere to put \
            the cat.",
        likes: 50,
        comments: &[says("lena", 13, "German offers „Häuschen“. The cat fits in the umlaut.").and(&[says(
            "olena",
            20,
            "This is the best argument for umlauts that I have heard.",
        )])],
        ..POST
    },
    Post {
        by: "amara",
        ago: 8 * HOUR + 5,
        text: "Somebody asked me what a bridge engineer does all day. I wait for nothing to happen. On a good day \
            nothing happens for 120 years.",
        photos: &[photo(
            Scene::City,
            5,
            "A skyline in shades of violet; a large sun sets behind the towers, and windows light up.",
        )],
        likes: 85,
        comments: &[
            says("yusuf", 16, "Same profession, with more waves."),
            says("demo", 29, "Putting this into the minutes, under \"any other business\".").and(&[says(
                "amara",
                34,
                "Under \"nothing happened\", please.",
            )]),
            says("joao", 61, "You have just described a green build."),
        ],
        ..POST
    },
    Post {
        by: "lena",
        ago: 6 * HOUR + 20,
        text: "Käferbilanz der Woche: 412 gezählt, 3 wiedererkannt, 1 hat zurückgeschaut.",
        photos: &[
            photo(
                Scene::Hills,
                4,
                "Gentle hills, yellow behind and green in front, with a dozen round trees and two clouds.",
            ),
            photo(Scene::Mountains, 12, "Blue mountains, row behind row, above a forest of dark firs."),
            photo(
                Scene::Hills,
                9,
                "Three dark trees close together on a green slope; behind them a yellow hill and the sun between \
                    clouds.",
            ),
        ],
        likes: 40,
        comments: &[
            says("maximiliane", 14, "Der eine schreibt bestimmt auch eine Bilanz.").and(&[says(
                "lena",
                26,
                "„1 Försterin gezählt. Bewegt sich langsam.“",
            )]),
            says("fatima", 44, "Only three recognised? You must introduce yourselves properly."),
        ],
        ..POST
    },
    Post {
        by: "demo",
        ago: 3 * HOUR + 20,
        text: "Trying to write down my grandmother's cardamom buns. Her recipe says: \"flour, until it looks right; \
            milk, warm, but not too friendly; bake until your father comes home.\"\n\nDoes anybody have a grandmother \
            who owned a scale?",
        likes: 90,
        comments: &[
            says("grace", 5, "Mine owned one. It held the door open."),
            says("priya", 12, "In our house the unit was \"a little more than last time\". The buns grew every year.")
                .and(&[says("demo", 16, "That explains the size of my cousins.")]),
            says("mateo", 42, "When did your father come home? Asking for the oven."),
            says("lena", 74, "Meine Oma: „Nach Gefühl.“ Ich hatte damals noch kein Gefühl für Mehl."),
            says("tomas.novak", 118, "\"Not too friendly\" is exactly how hide glue has to be. I trust this woman."),
            says(
                "nok",
                171,
                "My noodle aunties measure in ladles, and every auntie has her own ladle. I have started a table: \
                    https://example.org/noodles",
            ),
        ],
        ..POST
    },
    Post {
        by: "ingrid",
        ago: 2 * HOUR + 45,
        text: "Kp 5 tonight and the sky is doing the thing. @demo, you said to wake you. This is me waking you.",
        photos: &[
            photo(
                Scene::Night,
                14,
                "A starry sky that glows green behind the mountains, with a full moon high in the middle.",
            ),
            photo(Scene::Night, 9, "A violet sky full of stars, without a moon, above mountains and firs."),
            photo(Scene::Night, 6, "The green sky again; the moon just looks in from the left."),
        ],
        likes: 75,
        comments: &[
            says("haruto.sato", 11, "静かで、とても大きい。"),
            says("jean-luc", 19, "Ici aussi! The dogs have stopped pulling and are looking up.").and(&[says(
                "ingrid",
                24,
                "Tell them it is a union break.",
            )]),
            says("noa", 50, "Third picture: is that a satellite or is the sky just showing off?").and(&[says(
                "ingrid",
                63,
                "A satellite. The sky does not need to.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "jean-luc",
        ago: 2 * HOUR + 10,
        text: "Feuille de calcul terminée : 214 km de route, 19 ponts de glace, 1 pause café. Le café est le seul \
            élément non négociable.",
        likes: 35,
        comments: &[says("amara", 28, "Nineteen bridges that melt each year. You are braver than I am.")],
        ..POST
    },
    Post {
        by: "joao",
        ago: HOUR + 35,
        text: "A test failed only on days when the tram was late. It read the clock of the office, and the office set \
            its clock by the tram.\n\nIt took me six hours to find out, and I have never been happier about a bug.",
        likes: 70,
        comments: &[
            says("haruto.sato", 7, "電車が遅れなければ、テストは正しい。The test was right. The tram was wrong.")
                .and(&[says("joao", 11, "I will forward this to the tram.")]),
            says("liwei", 21, "备份时钟了吗? Always keep a second tram."),
            says("kwame", 33, "Open the tram, open the books."),
        ],
        ..POST
    },
    Post {
        by: "omar",
        ago: HOUR + 2,
        text: "سجّلت اليوم صوت بائع الكعك الذي ينادي في الحي منذ أربعين سنة. قال لي: لا تسجّل، تعال وكُل.\n\nSo the \
            recording is eleven seconds of him, and four minutes of me chewing.",
        likes: 80,
        comments: &[
            says("eleni", 9, "Four minutes of chewing is a valid field recording. I have papers with less."),
            says("nok", 18, "Where is he? I need a pin for the map.").and(&[says(
                "omar",
                26,
                "He moves. You will need a pin with wheels.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "nok",
        ago: 37,
        text: "ร้านที่ 215 อยู่หลังสถานีขนส่ง น้ำซุปใสจนมองเห็นอนาคต\n\nNo. 215 is behind the bus station. The broth is so clear \
            that you can see your future in it. Mine was more broth.",
        photos: &[photo(
            Scene::City,
            17,
            "Towers at nightfall with many lit windows; a huge pale sun goes down between them.",
        )],
        likes: 60,
        comments: &[
            says("mateo", 6, "Does the future have coriander?").and(&[says(
                "nok",
                9,
                "The future always has coriander.",
            )]),
            says("sam_w", 17, "I am new here and already hungry."),
        ],
        ..POST
    },
    Post {
        by: "grace",
        ago: 21,
        text: "Reading group this week: chapter nine, and @soyeon.kim has promised to explain why the carrot could not \
            simply go home. Cake by @tomas.novak, who says that it is \"structurally sound\".",
        likes: 50,
        comments: &[
            says("soyeon.kim", 4, "Because then there would be no chapter ten!"),
            says("tomas.novak", 8, "It is. I knocked on it."),
            says("olena", 13, "I will bring plum dumplings and objections."),
        ],
        ..POST
    },
    Post {
        by: "yusuf",
        ago: 4,
        text: "Last crossing before tea. Flat as a tray.",
        photos: &[photo(
            Scene::Sea,
            5,
            "An evening at sea in violet and pink: the sun touches the water, and a sailing boat passes two \
                    islands.",
        )],
        likes: 35,
        comments: &[says("noa", 2, "Any turtles?")],
        ..POST
    },
];
