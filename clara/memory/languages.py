"""Words of many languages, as data. None of them decides what is kept of what a person said.

They keep Clara's own wording from turning a sentence round, and passwords from being kept.
"""

import re

_NOT = (
    "hardly barely rarely seldom refuse refuses almost nearly pretend pretended kaum selten fast "
    "rarement presque apenas casi quasi едва почти "
    "not no never none nobody nothing neither nor without cannot cant dont doesnt didnt isnt arent wasnt "
    "wont wouldnt hate hates dislike dislikes avoid avoids stopped quit former formerly nicht kein keine "
    "keinen keinem keiner nie niemals nichts ohne weder hasse ne pas jamais rien aucun aucune sans non "
    "nunca jamás nada sin ningún ninguna tampoco mai niente senza nessun nessuno нет не ни никогда без "
    "ничего değil yok hiç asla لا ليس لم لن ما بدون لست नहीं ना मत बिना não nem sem nie bez ikke ingen "
    "aldrig inte niet geen nooit tidak bukan không ไม่"
)
NOT = frozenset(_NOT.split())
"""Words that deny, or say the opposite."""

NOT_WITHIN = re.compile(
    r"n['\u2019]t\b|\bn['\u2019]|m[aeıiuü]z\b|m[ıiuü]yor|[不没沒無无非未別别]|ない|ません|なかった|ぬ\b|"
    r"안 |않|못|없|아니|ไม่"
)
"""The same within words, and where words are not set apart."""

FLIPS = ("dis", "un", "in", "im", "ir", "il", "non", "mis", "anti", "dés", "des", "不", "非", "無", "无", "не")
"""What turns a word into its opposite, set before it."""

_BEGINNINGS = (
    "i i'm i've i'd im ive id we we're we've my our me ich wir mein meine meinen meinem meiner unser unsere unseren je "
    "j'ai j ai mon ma mes nous notre nos yo mi mis me nosotros io mio mia miei mie noi eu meu minha я мы мой моя мои у "
    "мне меня ben benim biz أنا عندي لدي मैं मेरा मेरी मेरे मुझे ja mam jag min mitt ik mijn jeg tôi "
    "always usually often also still now actually honestly immer oft auch jetzt seit toujours souvent aussi siempre "
    "también ahora sempre spesso anche ora всегда часто теперь hep her bugün também"
)
BEGINNINGS = frozenset(_BEGINNINGS.split())
"""Words before what people say of themselves that change nothing in it."""

BEGINNING_WITHIN = re.compile(r"^(?:私|僕|俺|我|저|나|ฉัน|ผม)(?:は|の|が|的|는|은|의)?")

_COUNTS = (
    "zero one two three four five six seven eight nine ten eleven twelve hundred thousand million null "
    "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf hundert tausend deux trois quatre cinq "
    "sept huit neuf dix dos tres cuatro cinco seis siete ocho nueve diez due tre quattro cinque sei sette "
    "otto nove dieci dois três quatro oito dez два две три четыре пять шесть семь восемь девять десять "
    "bir iki üç dört beş altı yedi sekiz dokuz"
)
COUNTS = frozenset(_COUNTS.split())
"""Numbers in words."""

PASSWORDS = (
    *("password", "passwords", "passphrase", "passcode", "pin", "pincode", "api key", "apikey", "api-key"),
    *("secret key", "private key", "access token", "auth token", "login code", "otp", "2fa code", "cvv"),
    *("cvc", "security code", "recovery code", "seed phrase", "passwort", "kennwort", "geheimzahl"),
    *("zugangscode", "mot de passe", "mdp", "code secret", "code pin", "contraseña", "clave"),
    *("clave secreta", "código pin", "senha", "palavra-passe", "parola d'ordine", "codice pin"),
    *("codice segreto", "chiave segreta", "wachtwoord", "lösenord", "adgangskode", "passord", "salasana"),
    *("hasło", "heslo", "jelszó", "parolă", "парола", "лозинка", "пароль", "паролем", "пароля", "пин-код"),
    *("пин", "кодовое слово", "şifre", "şifrem", "şifresi", "parola", "parolam", "κωδικός", "סיסמה"),
    *("كلمة السر", "كلمة المرور", "كلمة مرور", "رمز عبور", "पासवर्ड", "पिन", "पासकोड", "kata sandi"),
    *("mật khẩu", "รหัสผ่าน", "密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "암호"),
)
"""How a password, a PIN or a key is called."""

_PLAIN = (
    "weak strong long short safe secret secure lost gone forgotten wrong old new important expired sicher "
    "lang kurz weg falsch geheim vergessen wichtig alt neu faible fort perdu oublié sûr débil larga "
    "segura olvidada perdida importante debole lunga dimenticata слабый забыт надёжный zayıf uzun güçlü "
    "ज़रूरी"
)
PLAIN = frozenset(_PLAIN.split())
"""What people say of a password without telling it."""
