//! The media port over TCP.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::*;

fn tcp_address(sfu: &Sfu) -> SocketAddr {
    sfu.media_addresses().iter().find(|media| media.protocol == Protocol::Tcp).unwrap().address
}

async fn connect(sfu: &Sfu) -> TcpStream {
    let stream = soon(TcpStream::connect(tcp_address(sfu))).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

fn frame(datagram: &[u8]) -> Vec<u8> {
    [&(datagram.len() as u16).to_be_bytes(), datagram].concat()
}

async fn read_frame(stream: &mut TcpStream) -> Vec<u8> {
    let length = soon(stream.read_u16()).await.unwrap();
    let mut datagram = vec![0; length.into()];
    soon(stream.read_exact(&mut datagram)).await.unwrap();
    datagram
}

/// How long until the server ends the connection, which says nothing before.
async fn until_cut(stream: &mut TcpStream) -> Duration {
    let begin = Instant::now();
    let mut bytes = [0; 100];
    // A reset says the same as an end.
    let heard = soon(stream.read(&mut bytes)).await.unwrap_or(0);
    assert_eq!(heard, 0, "{:?}", &bytes[..heard]);
    begin.elapsed()
}

/// A server with a client that has offered, and a maker of its checks.
async fn answered() -> (Sfu, Room, impl FnMut() -> Vec<u8>) {
    let sfu = Sfu::start(&config()).unwrap();
    let mut room = Room::open(&sfu, 1).await;
    let answer = room.answer(&sdp()).await.unwrap();
    let (ufrag, pwd) = (attribute(&answer, "ice-ufrag").to_owned(), attribute(&answer, "ice-pwd").to_owned());
    let mut rng = StdRng::seed_from_u64(5);
    (sfu, room, move || check(&ufrag, Some(&pwd), &mut rng))
}

#[tokio::test]
async fn a_check_is_answered_however_its_frame_is_cut() {
    let (sfu, _room, mut check) = answered().await;
    let mut stream = connect(&sfu).await;
    for byte in frame(&check()) {
        stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let first = check();
    let second = check();
    assert!(read_frame(&mut stream).await.starts_with(&[1, 1]));
    // Two at once, with an empty frame before them and half a frame behind them.
    let third = frame(&check());
    let (half, rest) = third.split_at(30);
    stream.write_all(&[&[0, 0], &frame(&first)[..], &frame(&second), half].concat()).await.unwrap();
    for asked in [&first, &second] {
        assert_eq!(read_frame(&mut stream).await[8..20], asked[8..20], "the answer is to this very check");
    }
    stream.write_all(rest).await.unwrap();
    assert!(read_frame(&mut stream).await.starts_with(&[1, 1]));
}

#[tokio::test]
async fn who_proves_nothing_hears_nothing_and_is_cut_after_ten_seconds() {
    let (sfu, _room, mut check) = answered().await;
    let mut proved = connect(&sfu).await;
    proved.write_all(&frame(&check())).await.unwrap();
    read_frame(&mut proved).await;
    let mut silent = connect(&sfu).await;
    let mut stranger = connect(&sfu).await;
    let mut forged = check();
    forged[30] ^= 1;
    stranger.write_all(&[frame(&forged), frame(&client_hello())].concat()).await.unwrap();
    let (mut read, mut write) = connect(&sfu).await.into_split();
    // A byte now and then keeps no connection: there is one time for the whole proof.
    let dribble = tokio::spawn(async move {
        while write.write_all(&[0]).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let begin = Instant::now();
    let mut bytes = [0; 10];
    let dribbled = async { (soon(read.read(&mut bytes)).await.unwrap_or(0), begin.elapsed()) };
    let cut = tokio::join!(until_cut(&mut silent), until_cut(&mut stranger), dribbled);
    dribble.abort();
    println!("{cut:?}");
    assert_eq!(cut.2.0, 0);
    for took in [cut.0, cut.1, cut.2.1] {
        assert!((Duration::from_secs(9)..Duration::from_secs(14)).contains(&took), "{took:?}");
    }
    proved.write_all(&frame(&check())).await.unwrap();
    assert!(read_frame(&mut proved).await.starts_with(&[1, 1]), "who has proved itself stays");
}

#[tokio::test]
async fn a_frame_that_is_too_long_ends_its_connection_at_once() {
    let (sfu, _room, mut check) = answered().await;
    let mut stream = connect(&sfu).await;
    stream.write_all(&frame(&check())).await.unwrap();
    read_frame(&mut stream).await;
    stream.write_all(&1501_u16.to_be_bytes()).await.unwrap();
    let took = until_cut(&mut stream).await;
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// What nine of ten delays keep within: one that the machine itself made tells nothing of us.
fn usual_worst(mut delays: Vec<Duration>) -> Duration {
    delays.sort_unstable();
    delays[delays.len() * 9 / 10]
}

#[tokio::test]
async fn ten_thousand_connections_take_a_hundred_places_and_stop_nobody() {
    let (sfu, mut room, mut check) = answered().await;
    let limit = config().max_tcp_connections_by_address;
    let mut held = Vec::new();
    for _ in 0..limit {
        held.push(connect(&sfu).await);
    }
    let mut delays = Vec::new();
    for number in limit..10_000 {
        let mut refused = connect(&sfu).await;
        assert!(until_cut(&mut refused).await < Duration::from_secs(5));
        if number % 100 == 0 {
            let asked = Instant::now();
            assert_eq!(room.answer("nonsense").await, Err(OfferError::Malformed));
            delays.push(asked.elapsed());
        }
    }
    let delay = usual_worst(delays);
    println!("the worker answered within {delay:?}");
    assert!(delay < Duration::from_millis(500), "{delay:?}");
    // Another address has places of its own, and a place that is given back can be had again.
    let elsewhere = TcpSocket::new_v4().unwrap();
    elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut elsewhere = soon(elsewhere.connect(tcp_address(&sfu))).await.unwrap();
    elsewhere.write_all(&frame(&check())).await.unwrap();
    read_frame(&mut elsewhere).await;
    held.truncate(limit - 1);
    let begin = Instant::now();
    loop {
        let mut again = connect(&sfu).await;
        // A place that is not free yet shows as an end, while or after we write.
        let _ = again.write_all(&frame(&check())).await;
        if again.read_u16().await.is_ok() {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "the place is never free");
    }
}

#[tokio::test]
async fn a_flood_over_one_connection_delays_nobody_else() {
    let (sfu, mut room, mut check) = answered().await;
    let mut flood = connect(&sfu).await;
    let flood = tokio::spawn(async move {
        let frames = frame(&[0x80; 1200]).repeat(50);
        while flood.write_all(&frames).await.is_ok() {}
    });
    let other = stranger(&sfu).await;
    let mut delays = Vec::new();
    for _ in 0..100 {
        let asked = Instant::now();
        assert_eq!(room.answer("nonsense").await, Err(OfferError::Malformed));
        other.send(&check()).await.unwrap();
        let mut bytes = [0; 200];
        soon(other.recv(&mut bytes)).await.unwrap();
        delays.push(asked.elapsed());
    }
    flood.abort();
    let delay = usual_worst(delays);
    println!("a command and a check took at most {delay:?}");
    assert!(delay < Duration::from_millis(500), "{delay:?}");
    until("the flood was really there", || received(&sfu) > 10_000).await;
}

#[tokio::test]
async fn who_connects_from_the_same_address_later_is_a_stranger_again() {
    let (sfu, _room, mut check) = answered().await;
    let bound = || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket
    };
    let first = bound();
    first.bind((LOCALHOST, 0).into()).unwrap();
    let mut first = soon(first.connect(tcp_address(&sfu))).await.unwrap();
    let from = first.local_addr().unwrap();
    first.write_all(&frame(&check())).await.unwrap();
    read_frame(&mut first).await;
    // A reset, so that the port is free at once.
    first.set_zero_linger().unwrap();
    drop(first);
    let unknown = || metric(&sfu, "confab_sfu_packets_dropped_total", Some(DropReason::UnknownSource));
    let begin = Instant::now();
    let mut bytes = [0; 10];
    loop {
        let second = bound();
        second.bind(from).unwrap();
        let mut second = soon(second.connect(tcp_address(&sfu))).await.unwrap();
        // While the server does not know of the reset yet it takes no second one from there.
        let _ = second.write_all(&frame(&client_hello())).await;
        match timeout(GLANCE, second.read(&mut bytes)).await {
            Err(_) => {
                until("its datagram is nobody's", || unknown() == 1).await;
                assert!(timeout(GLANCE, second.read(&mut bytes)).await.is_err(), "nothing comes, not even an end");
                return;
            }
            Ok(heard) => assert_eq!(heard.unwrap_or(0), 0, "it hears nothing of the first one's"),
        }
        let _ = second.set_zero_linger();
        assert!(begin.elapsed() < PATIENCE, "it is never taken");
    }
}

#[test]
fn a_tcp_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0))
        .or_else(|_| std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)));
    let port = taken.as_ref().unwrap().local_addr().unwrap().port();
    let error = Sfu::start(&SfuConfig { tcp_port: Some(port), ..config() }).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot open TCP port {port} for media: ")), "{error}");
}

#[tokio::test]
async fn without_tcp_there_is_none() {
    let sfu = Sfu::start(&SfuConfig { tcp_port: None, ..config() }).unwrap();
    let answer = Room::open(&sfu, 1).await.answer(&sdp()).await.unwrap();
    assert!(answer.contains(" udp ") && !answer.contains(" tcp "), "{answer}");
}
