"""Six hundred things of one life: the sixty by hand, and 540 of patterns, each with a question of its own.

The patterns share names, towns and dates, so that a question's words occur in many other memories too.
"""

from dataclasses import dataclass

from benchmarks.memory.questions.asked import Asked
from benchmarks.memory.questions.sixty import SIXTY

EACH = 15
"""Facts of one pattern."""

_WORDS = {
    "name": "Anna Ben Clara Dario Elena Felix Greta Hugo Ines Jonas Karim Lucia Marek Nadia Oskar Paula Quentin Rosa "
    "Stefan Tania Ulf Vera Wanda Xenia Yusuf Zoe Aylin Bjarne Carlotta Denis Emil Fatima Gustav Hanna Ivan Jule Kaya "
    "Liam Mira Nils Olga Pavel Ruth Simon Thea",
    "town": "Aachen Bergamo Cadiz Dresden Exeter Ferrara Ghent Haarlem Izmir Jena Krakow Lisbon Malmo Nantes Oulu "
    "Porto Quimper Riga Siena Tartu Ulm Vigo Warsaw York Zagreb Bremen Lyon Turin Leiden Kazan",
    "dish": "risotto paella lasagne goulash ramen couscous pierogi falafel moussaka ratatouille gnocchi tagine ceviche "
    "borscht hummus tiramisu strudel quiche kimchi sushi pesto polenta chilli tortilla fondue",
    "date": "3_January 9_February 17_March 21_April 5_May 30_June 12_July 8_August 25_September 2_October 11_November "
    "19_December 28_January 6_March 14_May 23_July 1_September 27_October 16_December 10_June",
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "hobby": "archery beekeeping calligraphy darts embroidery fencing gardening hockey ice-skating judo kayaking "
    "origami photography quilting rowing sailing tennis volleyball wrestling yoga",
    "firm": "Arvent Bolida Cortexa Delmar Eversol Finlux Granova Hexal Iridia Jovian Kestrel Lumora Mondial Nexum "
    "Orbita",
    "price": "120 85 240 310 45 560 72 199 660 38 415 150 930 27 505",
    "book": "Middlemarch Buddenbrooks Solaris Candide Ulysses Emma Dracula Momo Effi_Briest Nostromo Oblomov "
    "Persuasion Rebecca Siddhartha Villette",
}
_POOLS = {name: [word.replace("_", " ") for word in words.split()] for name, words in _WORDS.items()}


@dataclass(frozen=True)
class _Pattern:
    language: str
    said: str
    reading: str
    keywords: str
    question: str


_PATTERNS = tuple(
    _Pattern(*row)
    for row in (
        (
            "en",
            "{name} from accounts is leaving us for a job at {firm}.",
            "{name} leaves for {firm}",
            "work, colleague",
            "Which company will {name} join?",
        ),
        (
            "en",
            "I lent {name} {price} pounds for the deposit.",
            "lent {name} {price} pounds",
            "money, loan, debt",
            "How much does {name} owe me?",
        ),
        (
            "en",
            "{name}'s birthday is on {date}.",
            "{name} was born on {date}",
            "birthday, date",
            "When do I have to congratulate {name}?",
        ),
        (
            "en",
            "{name} grew up in {town} and still has the accent.",
            "{name} comes from {town}",
            "origin, hometown, friend",
            "Where is {name} originally from?",
        ),
        (
            "en",
            "Never put peanuts in anything for {name}, ask for {dish} instead.",
            "{name} must not eat peanuts",
            "allergy, food, guest",
            "{name} is coming to dinner, what do I watch out for?",
        ),
        (
            "en",
            "Every {day} I pick {name} up from {hobby}.",
            "picks {name} up from {hobby} on {day}",
            "child, routine, lift",
            "From which activity do I fetch {name}?",
        ),
        (
            "en",
            "The plumber who fixed the boiler was {name}, from {firm}.",
            "plumber {name} of {firm} repaired the boiler",
            "plumber, repair, heating",
            "Who can I call from {firm} about the heating?",
        ),
        (
            "en",
            "I promised to water {name}'s plants until {date}.",
            "waters {name}'s plants until {date}",
            "promise, neighbour, plants",
            "How long do I look after the greenery at {name}'s?",
        ),
        (
            "en",
            "I read {book} with my book club and hated it.",
            "disliked {book}",
            "book, reading, opinion",
            "Did I like the novel {book}?",
        ),
        (
            "en",
            "{name} and I fell out over the trip to {town}.",
            "quarrelled with {name} about {town}",
            "conflict, friend, travel",
            "Why did I stop talking to {name}?",
        ),
        (
            "en",
            "My dentist appointment in {town} is on {date}.",
            "dentist in {town} on {date}",
            "health, dentist, appointment",
            "When am I having my teeth looked at in {town}?",
        ),
        (
            "en",
            "We had {dish} at {name}'s wedding and it was superb.",
            "enjoyed {dish} at {name}'s wedding",
            "food, wedding, taste",
            "What did we eat when {name} got married?",
        ),
        (
            "en",
            "{name} drives the lorry for {firm} on the {town} route.",
            "{name} is a lorry driver for {firm}",
            "job, driver, transport",
            "What is {name}'s profession?",
        ),
        (
            "de",
            "{name} hat am {date} Geburtstag und wünscht sich ein Buch.",
            "{name} wünscht sich ein Buch zum Geburtstag",
            "Geburtstag, Geschenk",
            "Was soll ich {name} schenken?",
        ),
        (
            "de",
            "Ich habe {name} meinen alten Rasenmäher geliehen.",
            "{name} hat den Rasenmäher ausgeliehen",
            "Garten, Gerät, verliehen",
            "Wer hat das Gartengerät, {name}?",
        ),
        (
            "de",
            "{name} zieht im Frühjahr nach {town}.",
            "{name} zieht nach {town}",
            "Umzug, Stadt",
            "Wo wird {name} künftig wohnen?",
        ),
        (
            "de",
            "Mit {name} spiele ich jeden Donnerstag Skat.",
            "spielt donnerstags Skat mit {name}",
            "Hobby, Karten, Freund",
            "An welchem Abend treffe ich mich mit {name} zum Kartenspielen?",
        ),
        (
            "de",
            "Der Vertrag mit {firm} läuft am {date} aus.",
            "Vertrag mit {firm} endet am {date}",
            "Vertrag, Frist, Kündigung",
            "Bis wann muss ich bei {firm} kündigen?",
        ),
        (
            "de",
            "{name} ist seit der Trennung sehr empfindlich.",
            "{name} ist nach der Trennung empfindlich",
            "Freund, Beziehung, Gefühle",
            "Warum soll ich bei {name} behutsam sein?",
        ),
        (
            "de",
            "In {town} schlafe ich immer bei {name} auf dem Sofa.",
            "übernachtet in {town} bei {name}",
            "Reise, Übernachtung",
            "Wer nimmt mich auf, wenn ich in {town} bin?",
        ),
        (
            "de",
            "{name} kocht das beste {dish}, das ich kenne.",
            "{name} kocht sehr gutes {dish}",
            "Essen, kochen, Lob",
            "Wen frage ich nach einem Rezept für {dish}?",
        ),
        (
            "de",
            "Für {firm} habe ich eine Rechnung über {price} Euro geschrieben.",
            "Rechnung an {firm}: {price} Euro",
            "Rechnung, Geld, Kunde",
            "Wie viel schuldet mir {firm} noch?",
        ),
        (
            "fr",
            "{name} m'a invité à {town} pour le {date}.",
            "invité par {name} à {town}",
            "invitation, voyage, date",
            "Chez qui suis-je attendu à {town} ?",
        ),
        (
            "fr",
            "Je déteste le {dish} depuis que j'en ai été malade.",
            "n'aime pas le {dish}",
            "nourriture, dégoût",
            "Pourquoi est-ce que je ne mange plus de {dish} ?",
        ),
        (
            "fr",
            "{name} garde nos enfants le mercredi.",
            "{name} garde les enfants le mercredi",
            "enfants, nounou, garde",
            "Quel jour vient {name}, la nounou ?",
        ),
        (
            "fr",
            "J'ai promis à {name} de lui rendre son exemplaire de {book}.",
            "doit rendre {book} à {name}",
            "livre, promesse",
            "À qui appartient le roman {book} que j'ai chez moi ?",
        ),
        (
            "fr",
            "{name} travaille chez {firm} comme comptable.",
            "{name} est comptable chez {firm}",
            "travail, métier, comptabilité",
            "Que fait {name} dans la vie ?",
        ),
        (
            "es",
            "{name} vive ahora en {town} con su novio.",
            "{name} vive en {town}",
            "casa, ciudad, pareja",
            "¿Dónde tiene {name} su casa?",
        ),
        (
            "es",
            "Le debo a {name} {price} euros del alquiler.",
            "debe {price} euros a {name}",
            "dinero, deuda, alquiler",
            "¿Cuánto tengo que devolverle a {name}?",
        ),
        (
            "es",
            "{name} no come gluten, así que nada de {dish}.",
            "{name} no come gluten",
            "comida, dieta, gluten",
            "¿Qué hay que evitar si cocino para {name}?",
        ),
        (
            "es",
            "El examen de {name} es el {date}.",
            "examen de {name}: {date}",
            "examen, estudios, fecha",
            "¿Cuándo se examina {name}?",
        ),
        (
            "it",
            "{name} si è fatto male giocando a {hobby}.",
            "{name} infortunato",
            "sport, infortunio, salute",
            "Perché {name} non può allenarsi?",
        ),
        (
            "it",
            "Ho prenotato una stanza a {town} per {name}.",
            "stanza prenotata a {town} per {name}",
            "viaggio, albergo, prenotazione",
            "Dove dormirà {name}?",
        ),
        (
            "pt",
            "{name} é a madrinha da minha filha.",
            "{name} é madrinha da filha",
            "família, filha, madrinha",
            "Que relação tem {name} com a minha menina?",
        ),
        (
            "nl",
            "{name} heeft mijn fiets gerepareerd voor {price} euro.",
            "{name} repareerde de fiets voor {price} euro",
            "fiets, reparatie, geld",
            "Wie heeft mijn rijwiel gemaakt, was dat {name}?",
        ),
        (
            "nl",
            "Met {name} ga ik op {date} naar een concert in {town}.",
            "concert in {town} met {name}",
            "muziek, concert, uitje",
            "Naar welk optreden neem ik {name} mee?",
        ),
    )
)


def life() -> tuple[Asked, ...]:
    """All six hundred, the sixty first."""
    made = list(SIXTY)
    for row, pattern in enumerate(_PATTERNS):
        for number in range(EACH):
            # Each pattern meets other pairs of words.
            words = {name: pool[(row * 7 + number) % len(pool)] for name, pool in _POOLS.items()}
            words["name"] = _POOLS["name"][(row * 4 + number) % len(_POOLS["name"])]
            words["town"] = _POOLS["town"][(row * 11 + number) % len(_POOLS["town"])]
            made.append(
                Asked(
                    pattern.language,
                    pattern.said.format(**words),
                    pattern.reading.format(**words),
                    (*pattern.keywords.split(", "),),
                    pattern.question.format(**words),
                )
            )
    return tuple(made)
