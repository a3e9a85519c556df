//! What is older than a week.

use super::{DAY, HOUR, POST, Post, photo, says};
use crate::demo::landscapes::Scene;
use crate::visibility::Audience;

pub(super) static POSTS: [Post; 22] = [
    Post {
        by: "grace",
        ago: 41 * DAY + 3 * HOUR,
        text: "Reading group, first list of the season: one long book, two short ones, and one with pictures, because \
            we have earned it. Newcomers bring a chair or a cake. Nobody has ever brought a chair.\n\n\
            https://example.org/reading",
        likes: 45,
        comments: &[
            says("demo", 50, "I can bring a chair. I can also bring a cake in the shape of a chair."),
            says("olena", 200, "Which one has the pictures?").and(&[says(
                "grace",
                230,
                "The one by @soyeon.kim, of course.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "tomas.novak",
        ago: 38 * DAY + 7 * HOUR,
        text: "How to choose wood for a violin, as my teacher told it to me, and as I have told it to everybody who \
            ever stood in my workshop for longer than a minute:\n\nKnock. If it answers, listen. If it answers \
            quickly, put it back, it has nothing to say. If it takes a little while and then says the same thing \
            twice, buy it, dry it for ten years and do not tell your family what it cost.\n\nThen build something \
            else, because by then you will have learned that it was meant to be a viola.",
        likes: 75,
        comments: &[
            says("lena", 33, "Genau so wähle ich auch Bäume aus. Nur lasse ich sie stehen.").and(&[says(
                "tomas.novak",
                41,
                "This is the better craft.",
            )]),
            says("omar", 80, "\"If it answers quickly, put it back.\" This is also how I choose singers."),
            says("demo", 130, "I knocked on my boat. It answered at once, and the answer was \"no\"."),
        ],
        ..POST
    },
    Post {
        by: "nok",
        ago: 36 * DAY + 2 * HOUR,
        text: "วิธีเลือกร้านก๋วยเตี๋ยว: ดูรองเท้าคนที่ต่อคิว ถ้ามีทั้งรองเท้าแตะและรองเท้าหนัง ร้านนั้นอร่อย\n\nHow to pick a noodle shop: \
            look at the shoes in the queue. Sandals and leather side by side? Join it.",
        photos: &[photo(
            Scene::City,
            2,
            "A city at dusk: dark towers with lit windows before a pale sun, and a sky from yellow to blue.",
        )],
        likes: 65,
        comments: &[
            says("joao", 45, "Applies to trams too, only that the shoes are wet."),
            says("liwei", 90, "数据模型很好。This is a join.").and(&[says(
                "nok",
                110,
                "It is always a join. The queue is the whole point.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "amara",
        ago: 34 * DAY + 10 * HOUR,
        text: "Ask me about resonance, it says on my profile, and this week nine people did. So, once and for all:\n\n\
            Push a child on a swing. You do not push hard; you push at the right moment. A bridge is a very large \
            child, and the wind is a very patient aunt.\n\nAll that we do is to make sure that the aunt gets bored.",
        likes: 90,
        comments: &[
            says("kwame", 22, "I have understood this for the first time, and I have a degree in it."),
            says("fatima", 75, "I shall use the aunt with my older patients."),
            says("aroha", 140, "What if the ground is the aunt?").and(&[says(
                "amara",
                160,
                "Then we invite you to the meeting.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "ingrid",
        ago: 32 * DAY + 6 * HOUR,
        text: "Mørketid begins. For two months the sun does not come up, and people ask me whether that is sad. It is \
            blue. It is blue for hours. You have no idea how many blues there are until nobody interrupts them.",
        photos: &[
            photo(
                Scene::Night,
                3,
                "A deep blue night: a full moon and stars above three rows of mountains, with firs in front.",
            ),
            photo(
                Scene::Night,
                12,
                "The same blue from another place: a full moon, jagged mountains and a row of dark firs.",
            ),
        ],
        likes: 70,
        comments: &[
            says("soyeon.kim", 28, "Please send me all the blues. I have a night chapter to paint.").and(&[says(
                "ingrid",
                55,
                "Eleven so far. Number seven is my favourite.",
            )]),
            says("eleni", 100, "I have sunscreen that nobody needs then. Shall I post it?"),
        ],
        ..POST
    },
    Post {
        by: "kwame",
        ago: 30 * DAY + 4 * HOUR,
        text: "Books are open, so here they are: this season we put in six pumps, repaired four and learned from one. \
            The one that we learned from is behind the house and nobody talks to it.",
        likes: 50,
        comments: &[
            says("mateo", 40, "We have a barrel like that."),
            says("liwei", 65, "Every team has a server like that.")
                .and(&[says("kwame", 71, "What do you call yours?"), says("liwei", 78, "\"Temporary\".")]),
        ],
        ..POST
    },
    Post {
        by: "eleni",
        ago: 28 * DAY + 9 * HOUR,
        text: "Three weeks of brushing and the floor is a floor. Nobody applauds a floor. I applauded.",
        likes: 55,
        comments: &[
            says("yusuf", 30, "Applauding from the ferry."),
            says("priya", 52, "Is there writing on it?").and(&[says(
                "eleni",
                70,
                "A footprint of a dog. So, in a way, a signature.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "demo",
        ago: 26 * DAY + 5 * HOUR,
        text: "Office notice: the coffee machine has been descaled. It now makes coffee instead of weather.",
        likes: 60,
        comments: &[
            says("haruto.sato", 18, "静かになりましたか。").and(&[
                says("demo", 25, "Almost. It hums in B flat. @omar, what does that mean?"),
                says("omar", 44, "That it wants to be a fridge."),
            ]),
            says("grace", 90, "In my day the machine was called Margaret, and she hummed too."),
        ],
        ..POST
    },
    Post {
        by: "yusuf",
        ago: 24 * DAY + 11 * HOUR,
        text: "Rüzgâr bugün fikrini on bir kez değiştirdi. Ben hiç değiştirmedim: çay.\n\nThe wind changed its mind \
            eleven times today. I did not change mine once: tea.",
        likes: 50,
        comments: &[
            says("aroha", 35, "A man of principle."),
            says("mateo", 60, "Acá el viento también, pero con mate."),
        ],
        ..POST
    },
    Post {
        by: "liwei",
        ago: 22 * DAY + 8 * HOUR,
        text: "备份三原则：三份、两种介质、一份异地。花椒同理：厨房一份，办公室一份，包里一份。",
        likes: 65,
        comments: &[
            says("haruto.sato", 20, "抹茶も同じです。"),
            says("kwame", 47, "I have one pump, one spare pump, and one pump at my mother's. Does it count?").and(&[
                says("liwei", 59, "Textbook. Does she know that she is off-site storage?"),
                says("kwame", 66, "She sends reports."),
            ]),
        ],
        ..POST
    },
    Post {
        by: "lena",
        ago: 20 * DAY + 5 * HOUR,
        text: "Heute einer Schulklasse erklärt, dass man Bäume nicht umarmen muss, um sie zu mögen. Dann haben wir \
            trotzdem alle die Eiche umarmt. Sie war einverstanden.",
        photos: &[photo(
            Scene::Hills,
            18,
            "A pair of dark round trees on a green hill on the left, and another group on the right, under a pale \
                    sky.",
        )],
        likes: 70,
        comments: &[
            says("grace", 31, "How many arms did it take?").and(&[says(
                "lena",
                42,
                "Vierzehn Kinder. Und eine Lehrerin, die nur kurz halten wollte.",
            )]),
            says("maximiliane", 70, "Im Bergwerk umarmen wir nichts. Es ist alles salzig."),
        ],
        ..POST
    },
    Post {
        by: "soyeon.kim",
        ago: 18 * DAY + 7 * HOUR,
        text: "독자 편지: \"당근은 왜 무섭지 않아요?\" 답: 무서워요. 그래도 가요.\n\nA reader of six asks: \"Why is \
            the carrot never afraid?\" It is. It goes anyway.",
        likes: 95,
        comments: &[
            says("fatima", 15, "May I hang this up in the waiting room?").and(&[says(
                "soyeon.kim",
                26,
                "Please! I will send you a drawing to go with it.",
            )]),
            says("amara", 42, "This is the entire manual of structural engineering."),
            says("joao", 300, "I am going to deploy like a carrot."),
        ],
        ..POST
    },
    Post {
        by: "priya",
        ago: 16 * DAY + 9 * HOUR,
        text: "Filter coffee, day 3 of measuring: the second cup is objectively better than the first. Sample size: \
            me.",
        likes: 40,
        comments: &[
            says("demo", 20, "I can double your sample."),
            says("ingrid", 55, "Please report uncertainty.").and(&[says(
                "priya",
                61,
                "I am uncertain until the second cup.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "jean-luc",
        ago: 15 * DAY + 3 * HOUR,
        text: "Première glace assez épaisse pour marcher. Pas pour danser. J'ai vérifié les deux.\n\n\
            https://example.org/roads",
        likes: 55,
        comments: &[
            says("amara", 25, "Please tell me that you checked the dancing last."),
            says("ingrid", 37, "How thick?").and(&[says(
                "jean-luc",
                50,
                "Onze centimètres au bord, une valse au milieu.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "demo",
        ago: 14 * DAY + 6 * HOUR,
        text: "For friends only: I am planning a small party for the day when the boat floats. There will be buns, and \
            dry socks for everybody, because I know this boat. Say yes.",
        audience: Audience::Friends,
        likes: 80,
        comments: &[
            says("grace", 12, "Yes. I have socks with anchors on them."),
            says("lena", 30, "Ja! Ich bringe Holz mit, falls wieder eins fehlt."),
            says("yusuf", 95, "Yes. Eleven crossings first, then socks.").and(&[says(
                "demo",
                101,
                "The boat will wait. It is very good at waiting.",
            )]),
            says("priya", 180, "Yes from far away. Keep one bun for science."),
        ],
        ..POST
    },
    Post {
        by: "omar",
        ago: 12 * DAY + 8 * HOUR,
        text: "السوق القديم في السابعة صباحًا: مكنسة، ثم عصفور، ثم أول إبريق شاي. هذا هو الترتيب الصحيح للعالم.\n\n\
            https://example.org/recordings",
        photos: &[photo(Scene::Dunes, 8, "Smooth yellow dunes under a blue sky; the sun stands just above them.")],
        likes: 60,
        comments: &[
            says("yusuf", 24, "Teapot first, here."),
            says("tomas.novak", 46, "I listened with my eyes closed and burned my toast. Worth it."),
        ],
        ..POST
    },
    Post {
        by: "aroha",
        ago: 11 * DAY + 2 * HOUR,
        text: "Rehearsal note to self: when the floor shakes during the fortissimo, it is usually the basses. Check \
            the instruments anyway.",
        likes: 65,
        comments: &[
            says("omar", 18, "It is always the basses."),
            says("tomas.novak", 33, "Božena denies everything.").and(&[says(
                "aroha",
                39,
                "Božena was 18 000 kilometres away. Impressive reach.",
            )]),
        ],
        ..POST
    },
    Post {
        by: "mateo",
        ago: 10 * DAY + 7 * HOUR,
        text: "Atajé dos penales y se me cayó una botella. El balance del domingo sigue siendo positivo, pero \
            pegajoso.",
        likes: 50,
        comments: &[
            says("joao", 14, "Two saves, one drop. Ship it."),
            says("nok", 60, "Which bottle?").and(&[says("mateo", 66, "Not the good one. I dived for the good one.")]),
        ],
        ..POST
    },
    Post {
        by: "olena",
        ago: 9 * DAY + 4 * HOUR,
        text: "Six languages and I still say \"ouch\" in only one of them. The cat chose which.",
        likes: 60,
        comments: &[
            says("maximiliane", 22, "„Au“ is short. I like it."),
            says("liwei", 50, "Which one?").and(&[says("olena", 58, "Українська. The cat is local.")]),
        ],
        ..POST
    },
    Post {
        by: "noa",
        ago: 8 * DAY + 9 * HOUR,
        text: "Field kit for turtle season: red torch, notebook, second notebook for when the first one is under a \
            turtle.",
        likes: 55,
        comments: &[
            says("yusuf", 28, "We dim the deck lights near your beach now. The turtles have not thanked us yet.").and(
                &[says(
                    "noa",
                    40,
                    "They thank you by going the right way. It is the whole point. And I thank you with biscuits.",
                )],
            ),
            says("grace", 75, "I had a third notebook. There is always a third notebook."),
        ],
        ..POST
    },
    Post {
        by: "haruto.sato",
        ago: 7 * DAY + 8 * HOUR,
        text: "今日の写真：山、丘、山、丘。猫もいましたが、写っていません。\n\nFour views from a local train. There \
            was a cat too, but it left at 10:04. All with times of departure: https://example.org/photos",
        photos: &[
            photo(
                Scene::Mountains,
                9,
                "Violet mountains in the evening light; a cloud drifts across the sun, and firs stand in front.",
            ),
            photo(Scene::Hills, 6, "Hills in brown and rose with dark trees; the sun hangs below two clouds."),
            photo(Scene::Mountains, 23, "Pink and violet peaks with the sun right above the highest one."),
            photo(
                Scene::Hills,
                11,
                "Bright green hills with many round trees under a blue sky; the sun hides behind a cloud.",
            ),
        ],
        likes: 70,
        comments: &[
            says("olena", 19, "The cat was on time, I am sure.").and(&[says(
                "haruto.sato",
                33,
                "猫はいつも定刻です。",
            )]),
            says("jean-luc", 70, "Ici tout est blanc. Merci pour les couleurs !"),
        ],
        ..POST
    },
    Post {
        by: "fatima",
        ago: 7 * DAY + 2 * HOUR,
        text: "Le téléphone de l'hôpital : « Docteur, il y a une abeille en salle d'attente. » — « Elle a rendez-vous \
            ? »",
        likes: 75,
        comments: &[
            says("kwame", 16, "Did she?").and(&[says("fatima", 21, "She did not wait to be called. She never does.")]),
            says("lena", 58, "Immer diese Privatpatienten."),
        ],
        ..POST
    },
];
