//! The days before the last one.

use super::{DAY, HOUR, POST, Post, photo, says};
use crate::demo::landscapes::Scene;
use crate::visibility::Audience;

pub(super) static POSTS: [Post; 22] = [
    Post {
        by: "liwei",
        ago: 6 * DAY + 5 * HOUR,
        text: "凌晨三点数据库报警。不是硬盘，是花椒掉进了键盘。\n\nThe alarm at three was not the disk. It was a \
            Sichuan peppercorn under the Enter key. The key is now slightly numb.",
        likes: 70,
        comments: &[
            says("priya", 40, "Did you restore it from a backup peppercorn?").and(&[says(
                "liwei",
                52,
                "当然。I keep three, in two locations.",
            )]),
            says("nok", 95, "Professional question: red or green pepper?").and(&[says(
                "liwei",
                101,
                "Green. Higher availability.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "demo",
        ago: 6 * DAY + HOUR,
        text: "Boat report for those who follow along. Planks replaced: eleven. Planks replaced twice because I \
            measured from the wrong end: four. Words learned from the neighbour while doing so: none that I can write \
            here.\n\nThe hull is tight. I know this because I filled it with water from the inside, which is the wrong \
            way round, and nothing came out. @yusuf says that this still counts.",
        audience: Audience::Followers,
        likes: 55,
        comments: &[
            says("yusuf", 35, "It counts. A boat keeps water on one side. You have proved it can."),
            says("amara", 88, "As an engineer I approve of the test. As a friend I hope you have a pump.").and(&[
                says("kwame", 130, "Did somebody say pump?"),
                says("demo", 144, "I should have seen this coming."),
            ]),
            says("aroha", 300, "What is her name?").and(&[says("demo", 340, "\"Any Other Business\".")]),
        ],
        ..POST
    },
    Post {
        by: "soyeon.kim",
        ago: 5 * DAY + 20 * HOUR,
        text: "용감한 당근 6권 초안 완성! 이번에는 비가 옵니다.\n\nBook six is drafted: it rains. The carrot is fine. \
            The onion is having feelings.",
        likes: 75,
        comments: &[
            says("lena", 25, "Endlich Regen! Der Wald liest mit."),
            says("grace", 77, "My great-niece asks whether the onion may come to the reading group.").and(&[says(
                "soyeon.kim",
                92,
                "The onion would love to. Please bring tissues for everybody.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "mateo",
        ago: 5 * DAY + 13 * HOUR,
        text: "Cosechamos antes del sol. My grandfather's notebook says of this row: \"patience, and no shouting\". It \
            does not say whether that is for the vines or for me.",
        photos: &[
            photo(
                Scene::Hills,
                2,
                "Green and yellow hills with round trees under a blue sky, a few clouds, and the sun on the right.",
            ),
            photo(Scene::Hills, 15, "Brown hills with dark trees under a pink sky; the sun stands on the right."),
        ],
        likes: 65,
        comments: &[
            says("fatima", 31, "My bees have the same notebook."),
            says("joao", 64, "Em caso de dúvida: both.").and(&[says(
                "mateo",
                80,
                "Then today I failed by six in the morning.",
            )]),
            says(
                "demo",
                190,
                "The light in the first one! Is it always like this, or only for people who get up at four?",
            )
            .and(&[says("mateo", 201, "Only for them. It is a closed club, with bad coffee.")]),
        ],
        ..POST
    },
    Post {
        by: "noa",
        ago: 5 * DAY + 2 * HOUR,
        text: "קינים בחוף השבוע: שבעה־עשר. או שמונה־עשר. אני סופרת שוב.\n\nNests on the beach this week: seventeen. Or \
            eighteen. Counting again.",
        before: Some((
            70,
            "קינים בחוף השבוע: שישה־עשר. או שבעה־עשר. אני סופרת שוב.\n\nNests on the beach this week: \
            sixteen. Or seventeen. Counting again.",
        )),
        likes: 60,
        comments: &[
            says("ingrid", 15, "My error bars salute your error bars."),
            says("eleni", 48, "We once counted one amphora twice for three years. You are fine.").and(&[says(
                "noa",
                75,
                "Edited: one more. It was behind me.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "haruto.sato",
        ago: 4 * DAY + 22 * HOUR,
        text: "会議は三十分の予定でした。二十分で終わりました。残りの十分間、誰も話しませんでした。最高の会議です。\n\n\
            The meeting was to take thirty minutes and took twenty. Nobody spoke for the other ten, and nobody left.",
        likes: 85,
        comments: &[
            says("demo", 12, "May I quote you in every agenda from now on?").and(&[says(
                "haruto.sato",
                30,
                "どうぞ。Please quote the silence too.",
            )]),
            says("maximiliane", 44, "I timed it: saying my name takes up four of those minutes."),
            says("joao", 51, "A meeting with early return. Beautiful."),
        ],
        ..POST
    },
    Post {
        by: "eleni",
        ago: 4 * DAY + 15 * HOUR,
        text: "Σήμερα βρήκαμε ένα χερούλι. Μόνο το χερούλι. Κάπου, κάποιος πίνει ακόμα το κρασί του.\n\nToday's find: \
            one handle. Somewhere, three thousand years ago, somebody said \"I have no idea how that happened\".",
        likes: 70,
        comments: &[
            says("mateo", 20, "Three thousand years and still the first excuse that comes to mind."),
            says("amara", 66, "Handles outlive everything. Ask any bridge.").and(&[says(
                "eleni",
                90,
                "A bridge is only a handle for a valley.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "lena",
        ago: 4 * DAY + 6 * HOUR,
        text: "Wer hat eigentlich entschieden, dass Bäume still sind? Heute bei Wind: eine alte Buche, drei Knarrtöne, \
            einer davon sehr beleidigt.",
        audience: Audience::Followers,
        likes: 45,
        comments: &[
            says("tomas.novak", 17, "Offended beech makes good bridges. For violins, @amara, not for you."),
            says("omar", 39, "Could you hold your telephone to the tree next time? I mean it.").and(&[says(
                "lena",
                58,
                "Habe ich. Zwei Minuten Buche, schicke ich dir.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "priya",
        ago: 3 * DAY + 21 * HOUR,
        text: "The model read its first whole palm leaf today: forty lines, a grocery list from 1620. Rice, ghee, \
            rope, \"and do not forget the rope\".\n\nFour hundred years, and somebody forgot the rope.\n\nSlides: \
            https://example.org/talks",
        likes: 90,
        comments: &[
            says(
                "eleni",
                14,
                "This is the best thing that I have read all year, and I read rubbish heaps for a living.",
            ),
            says("olena", 35, "How do you know that it was forgotten?").and(&[
                says("priya", 43, "There is a second list. It says only: rope."),
                says("olena", 47, "I have to sit down."),
            ]),
            says("yusuf", 120, "Never forget the rope."),
            says(
                "demo",
                205,
                "Printing this for the office wall, next to the coffee list. Somebody always forgets the filters.",
            ),
        ],
        ..POST
    },
    Post {
        by: "kwame",
        ago: 3 * DAY + 16 * HOUR,
        text: "Question for people who know wood: which timber survives a well? It is wet, dark and full of opinions.",
        likes: 25,
        comments: &[
            says(
                "lena",
                10,
                "Robinie, or oak that never dries. Do not let it change its mind: always wet or always dry.",
            ),
            says(
                "tomas.novak",
                28,
                "Alder. Whole cities stand on it in the mud. Not good for violins, so you are welcome to all of it.",
            )
            .and(&[says("kwame", 60, "Alder does not grow here, but I like being welcome to it.")]),
            says("demo", 75, "From a man with a leaking boat: not pine."),
        ],
        ..POST
    },
    Post {
        by: "ingrid",
        ago: 3 * DAY + 9 * HOUR,
        text: "Dag 40 uten sol. The new aurora camera saw its first bear. The bear saw its first aurora camera. Both \
            backed off politely.",
        likes: 80,
        comments: &[
            says("jean-luc", 22, "Politesse nordique. Ici l'ours aurait demandé le mot de passe."),
            says("noa", 44, "Did the bear leave a review?").and(&[says(
                "ingrid",
                57,
                "One paw on the lens. Out of five.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "grace",
        ago: 3 * DAY + 2 * HOUR,
        text: "One of \"my\" babies is getting married on Saturday. I have been asked to say a few words. I said the \
            first ones she ever heard, so it is only fair.",
        likes: 95,
        comments: &[
            says("fatima", 8, "Please tell us what they were!").and(&[says(
                "grace",
                19,
                "\"Well, hello. You took your time.\" I may use it again, she was late for the rehearsal.",
            )]),
            says("demo", 36, "I am not crying, it is the varnish."),
            says("aroha", 130, "Ka pai, Grace. The alto section sends a chord."),
            says("maximiliane", 400, "Will there be salt at the table? I know somebody."),
        ],
        ..POST
    },
    Post {
        by: "omar",
        ago: 2 * DAY + 20 * HOUR,
        text: "نصيحة من مهندس صوت: أجمل ميكروفون هو الذي تنسى أنه هناك.\n\nThe best microphone is the one that people \
            forget. The second best is the one that you did not forget to switch on. I speak of yesterday.",
        before: Some((
            25,
            "نصيحة من مهندس صوت: أجمل ميكروفون هو الذي تنسى أنه هناك.\n\nThe best microphone is the one \
            that people forget.",
        )),
        likes: 65,
        comments: &[
            says("tomas.novak", 33, "How much was lost?").and(&[says(
                "omar",
                38,
                "A whole oud solo. I have apologised to the oud.",
            )]),
            says(
                "fatima",
                70,
                "I once examined a very healthy teddy bear for five minutes before the mother said that the child was \
                    next door.",
            ),
        ],
        ..POST
    },
    Post {
        by: "jean-luc",
        ago: 2 * DAY + 14 * HOUR,
        text: "Les chiens ont tiré le traîneau, la neige a tiré les bottes, et moi j'ai tiré une conclusion : il faut \
            des bottes plus hautes.",
        audience: Audience::Followers,
        likes: 30,
        comments: &[says("ingrid", 26, "Wool inside, rubber outside, dignity optional.")],
        ..POST
    },
    Post {
        by: "yusuf",
        ago: 2 * DAY + 11 * HOUR,
        text: "Yolcu sordu: \"Kaptan, denizi özlüyor musunuz?\" Denizdeydik.\n\nA passenger asked whether I ever miss \
            the sea. We were on it.",
        photos: &[
            photo(
                Scene::Sea,
                11,
                "Dusk: orange water under a dark blue sky, the sun low on the left and a sailing boat on the right.",
            ),
            photo(
                Scene::Sea,
                13,
                "A blue day at sea: an island stands in front of the low sun, and a sailing boat passes a chain of \
                    mountains.",
            ),
        ],
        likes: 85,
        comments: &[
            says("eleni", 13, "The second island looks like mine from behind. Wave next time!").and(&[says(
                "yusuf",
                21,
                "I blow the horn at 07:40. That is me waving.",
            )]),
            says("demo", 40, "What did you answer?").and(&[says(
                "yusuf",
                49,
                "\"Only during the safety announcement.\"",
            )]),
        ],
        ..POST
    },
    Post {
        by: "aroha",
        ago: 2 * DAY + 5 * HOUR,
        text: "Small swarm under the lake last night: nothing above magnitude 2, eleven events, all polite. The choir \
            was louder.\n\nIf you want to watch with me: https://example.org/tremors",
        photos: &[photo(
            Scene::Mountains,
            16,
            "Green mountains in the haze, one sharp peak above the others, and dark firs in front.",
        )],
        likes: 45,
        comments: &[
            says("ingrid", 18, "Eleven! What key?").and(&[says("aroha", 29, "A very flat B.")]),
            says("amara", 55, "Whenever you write \"polite\" I check my bearings."),
        ],
        ..POST
    },
    Post {
        by: "demo",
        ago: DAY + 20 * HOUR,
        text: "The boat floats. I repeat: the boat floats.\n\nTwo years, eleven planks, one neighbour. She sat on the \
            water this afternoon as if she had never done anything else. Thank you, @yusuf, for every \"brake early\", \
            and @tomas.novak for the glue, and @amara for explaining in one sentence why it would never have worked \
            the other way.",
        photos: &[
            photo(
                Scene::Sea,
                2,
                "A small sailing boat with one orange and one white sail on calm turquoise water; the sun stands low \
                    beside blue mountains.",
            ),
            photo(Scene::Sea, 8, "The same boat right in front of the sun, which looks out from behind an island."),
        ],
        likes: 100,
        comments: &[
            says("yusuf", 4, "Bravo, captain! Now learn to stop her."),
            says("amara", 9, "The sentence was \"water is patient\". I am so glad.").and(&[says(
                "demo",
                15,
                "It is carved into the thwart now.",
            )]),
            says("tomas.novak", 22, "Knock on her for me. What note?").and(&[says(
                "demo",
                31,
                "Somewhere between a D and a door.",
            )]),
            says(
                "grace",
                40,
                "Oh, Robin! Two years! I shall bake something in the shape of a boat, or at least something that \
                    floats.",
            ),
            says("lena", 66, "Elf Planken Lärche, wenn ich richtig gezählt habe. Der Wald gratuliert."),
            says("noa", 180, "The turtles have been informed."),
            says("haruto.sato", 240, "進水おめでとうございます。"),
        ],
        ..POST
    },
    Post {
        by: "joao",
        ago: DAY + 16 * HOUR,
        text: "Domingo: azulejos. Painted forty-nine tiles and dropped one. The wall has room for forty-nine. I am \
            choosing to see this as planning.",
        likes: 55,
        comments: &[
            says("mateo", 12, "Tenías uno de repuesto. Redundancy!").and(&[says(
                "joao",
                20,
                "Now I have forty-nine and a mosaic.",
            )]),
            says("soyeon.kim", 70, "What is on the fiftieth? The dropped ones are always the best.").and(&[says(
                "joao",
                84,
                "A tram. Late.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "olena",
        ago: DAY + 12 * HOUR,
        text: "Мій кіт сьогодні сам «переклав» договір: ліг на нього. Сторони погодились.",
        likes: 60,
        comments: &[
            says("priya", 21, "As the scribes say: the gloss obscures the text."),
            says("liwei", 38, "猫也是一种锁。Exclusive lock acquired.").and(&[says(
                "olena",
                45,
                "Deadlock at feeding time.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "sam_w",
        ago: DAY + 9 * HOUR,
        text: "Hello everyone! I registered this week and I still do not know what to write in my profile. What did \
            you write first?",
        likes: 50,
        comments: &[
            says("grace", 6, "Welcome, Sam! I wrote a number and it grew into a sentence."),
            says("maximiliane", 11, "My name. It took until lunch.").and(&[says(
                "sam_w",
                30,
                "I feel much better about my eight letters and a dot. Wait, there is no dot.",
            )]),
            says("demo", 25, "Welcome! I wrote \"I keep the calendar\" and now everybody asks me what day it is."),
            says(
                "nok",
                52,
                "Tell us the best thing to eat within ten minutes of your door. That is all anyone needs to know.",
            ),
        ],
        ..POST
    },
    Post {
        by: "fatima",
        ago: DAY + 6 * HOUR,
        text: "Pour les amis : la ruche du toit a gagné le petit concours du quartier. Le jury avait quatre ans de \
            moyenne d'âge, et les doigts collants.",
        audience: Audience::Friends,
        likes: 60,
        comments: &[
            says("omar", 24, "مبروك! The jury is incorruptible, except by honey."),
            says("eleni", 60, "Bravo! Save me a spoon.").and(&[says(
                "fatima",
                75,
                "It has your name on it. In honey, so be quick.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "maximiliane",
        ago: DAY + 3 * HOUR,
        text: "Measured today: if I sign the visitors' book with my full name, the next visitor starts on page two.",
        likes: 70,
        comments: &[
            says("joao", 10, "Have you considered an abbreviation?").and(&[says(
                "maximiliane",
                16,
                "M. v. H.-L. It looks like a chemical that one should not inhale.",
            )]),
            says("lena", 34, "„Maxi“ würde auch reichen. Sage ich seit der Schule."),
        ],
        ..POST
    },
];
