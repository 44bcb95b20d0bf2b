"""Words and sentences that `corpus` puts together; all of it written for this project."""


def _words(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(","))


OBJECTS = _words(
    "password,invoice,email address,account,plan,refund,teammate,mobile app,browser,data,domain,"
    "dashboard,dark mode,support team,chat app,API key,project,login,payment,subscription,profile,"
    "report,calendar,file,folder,backup,language,time zone,avatar,notification,workspace,role,"
    "permission,webhook,token,coupon,receipt,card,address,phone number,username,theme,page,form,"
    "chart,note,tag,contact,ticket,order,parcel,label,printer,camera,battery,update,license,meeting,"
    "reminder,photo,video,recipe,ticket number,room,table,bike,book,song,lamp,garden,map,device,"
    "keyboard,screen,signature,template,survey,budget,team,member,two-factor code,session,filter"
)

ACTIONS = _words(
    "reset,change,delete,find,open,close,add,remove,update,export,import,connect,enable,disable,"
    "cancel,pause,resume,share,rename,move,copy,print,download,upload,restore,verify,invite,upgrade,"
    "see,edit,set up,turn on,turn off,check,get,use,switch,sync,buy,sell,send,book,clean,fix,lock,"
    "unlock,pin,sort,search,replace,erase,test"
)

HOW_TO_QUESTIONS = (
    "How do I {a} my {o}?",
    "How do I {a} the {o}?",
    "How can I {a} my {o}?",
    "Can I {a} my {o}?",
    "Could I {a} the {o}?",
    "What is the way to {a} a {o}?",
    "What is the best way to {a} my {o}?",
    "Where do I {a} the {o}?",
    "Where can I {a} my {o}?",
    "I want to {a} my {o}.",
    "I would like to {a} the {o}.",
    "I need to {a} my {o}, how?",
    "I need to {a} my {o}. How do I do that?",
    "I forgot how to {a} my {o}.",
    "Help me {a} my {o}.",
    "Please help, I cannot {a} the {o}.",
    "Please tell me how to {a} the {o}.",
    "Tell me how to {a} my {o}",
    "Do you know how to {a} a {o}?",
    "Is it possible to {a} the {o}?",
    "Is there a way to {a} my {o}?",
    "Could you explain how to {a} my {o}?",
    "What do I do to {a} my {o}?",
    "how to {a} {o}",
    "{a} {o}",
    "{a} my {o} please",
    "Any idea how to {a} the {o}?",
    "I am trying to {a} my {o}.",
    "My {o}: how do I {a} it?",
    "About my {o}. Can I {a} it?",
)

HOW_TO_ANSWERS = (
    "Open {p}, choose {p2}, then {a} the {o}.",
    "Go to {p} and select {a} {o}.",
    "Yes. In {p}, under {p2}, you can {a} your {o}.",
    "To {a} your {o}, open {p} and press {p2}.",
    "Your {o} is under {p}, in the {p2} section.",
    "You can {a} the {o} from {p}. It takes {n} minutes.",
    "Click {p}, then {p2}. The {o} is there.",
    "Sorry, you cannot {a} a {o} yet.",
    "Write to {mail} and we will {a} the {o} for you within {n} days.",
    "First open {p}. Then press {p2}, and {a} the {o}.",
    "You will find that in {p}, {p2}.",
    "This costs {n} dollars. Open {p} to {a} the {o}.",
)

PLACES = _words(
    "Settings,Security,Billing,Profile,Team,Data,Integrations,Appearance,Account,Support,Home,"
    "Reports,Files,Privacy,Tools,Help,Invoices,Export,Advanced,General,Options,Menu,Edit,View"
)

# Ways to ask that do not change the answer.
OPENINGS = (
    "",
    "",
    "",
    "",
    "Hi, ",
    "Hello, ",
    "Hey, ",
    "Quick question: ",
    "Sorry to bother you, but ",
    "One more thing: ",
    "Good morning. ",
    "Excuse me, ",
    "OK, ",
    "Please: ",
)
CLOSINGS = (
    "",
    "",
    "",
    "",
    "",
    " Thanks!",
    " Thank you.",
    " Please help.",
    " It is urgent.",
    " Cheers",
    " I am stuck.",
    " (new here)",
)
ANSWER_OPENINGS = ("", "", "", "", "Sure. ", "Of course. ", "Certainly. ", "Yes. ")

# (ways to ask, the answer)
FACTS = (
    (
        (
            "What is the price of the {x} plan?",
            "How much is {x}?",
            "What does {x} cost?",
            "Is {x} expensive?",
            "price of {x}",
        ),
        "The price of {x} is {n} dollars a month.",
    ),
    (
        (
            "Do you offer refunds?",
            "Can I get my money back?",
            "What is the refund policy?",
            "I want a refund.",
        ),
        "You can ask for a refund within {n} days.",
    ),
    (
        (
            "What are your opening hours?",
            "When are you open?",
            "What time do you close?",
            "When can I reach you?",
        ),
        "We are open from {h} to {h2} on weekdays.",
    ),
    (
        (
            "Which browsers are supported?",
            "What browsers can I use?",
            "Does it work in my browser?",
        ),
        "All current browsers are supported.",
    ),
    (
        ("Is there a mobile app?", "Do you have an app?", "Can I use it on my phone?"),
        "Yes, there is an app for phones and tablets.",
    ),
    (
        ("How many {w}s can I have?", "What is the limit of {w}s?", "Is there a limit on {w}s?"),
        "You can have up to {n} {w}s.",
    ),
    (
        ("Do you have an API?", "Is there an API?", "Can I call it from a program?"),
        "Yes, there is an API. See the documentation.",
    ),
    (
        ("Where is the {w}?", "I cannot find the {w}.", "Where did the {w} go?", "Show me the {w}"),
        "The {w} is next to the {w2}.",
    ),
    (
        ("What colour is the {w}?", "Which color has the {w}?", "Tell me the colour of the {w}."),
        "The {w} is {c}.",
    ),
    (
        (
            "Why is my {w} empty?",
            "My {w} is empty!",
            "There is nothing in my {w}.",
            "My {w} shows no data",
        ),
        "Please reload the {w} and wait {n} minutes.",
    ),
    (
        (
            "My {w} is broken.",
            "The {w} does not work.",
            "There is a problem with the {w}.",
            "{w} error",
        ),
        "I am sorry. Please restart the {w} and try again.",
    ),
    (
        ("Who made the {w}?", "Who is responsible for the {w}?", "Whose {w} is this?"),
        "The {w} was made by {name}.",
    ),
    (
        ("How long does {x} take?", "When will {x} be ready?", "How many days is {x}?"),
        "It takes about {n} days.",
    ),
    (
        ("Can I bring my {w}?", "Is my {w} allowed?", "May I use a {w}?"),
        "Yes, you may bring your {w}.",
    ),
    (
        ("Is {x} safe?", "Can I trust {x}?", "Is my data safe with {x}?"),
        "Yes. Your data is encrypted and stays private.",
    ),
)

SMALL_TALK = (
    (
        ("Hi", "Hello", "Hello there", "Hey", "Good morning", "Hi!", "hello?"),
        "Hello. How can I help you today?",
    ),
    (
        ("Thanks!", "Thank you very much", "Great, thank you.", "That helped, thanks"),
        "You are welcome.",
    ),
    (
        (
            "Who are you?",
            "What are you?",
            "What is your name?",
            "Are you a person?",
            "Are you a bot?",
        ),
        "I am a small assistant. I answer short questions.",
    ),
    (
        ("Tell me a joke", "Make me laugh", "Say something funny"),
        "I do not know good jokes, but I am happy to help.",
    ),
    (
        ("Bye", "Goodbye", "See you later", "That is all", "Have a nice day"),
        "Goodbye, and have a nice day.",
    ),
    (
        ("What can you do?", "How can you help me?", "What do you know?"),
        "I can answer short questions about many things.",
    ),
    (("How are you?", "How is it going?", "Are you well?"), "I am fine, thank you. And you?"),
    (
        ("I am angry!", "This is bad.", "I do not like it.", "WHY IS IT SO SLOW???"),
        "I am sorry to hear that. I will do my best to help.",
    ),
    (
        ("Can I talk to a human?", "Give me a real person", "I want to speak to someone."),
        "Of course. A colleague will answer you soon.",
    ),
    (("I love this!", "You are great", "Well done"), "Thank you, that is kind."),
    (("What?", "I do not understand.", "Pardon?", "huh"), "Sorry. Let me say it another way."),
    (("Yes", "OK", "Sure", "Right"), "Good. What else can I do for you?"),
    (("No", "No, thanks", "Not now"), "All right. Tell me if you need anything."),
)

FOREIGN_TALK = (
    (("Bonjour", "Salut, ça va ?", "Vous êtes là ?"), "Bonjour, comment puis-je vous aider ?"),
    (
        ("Où est ma facture ?", "Je cherche ma facture, s'il vous plaît."),
        "Votre facture est à la page Réglages.",
    ),
    (("Merci beaucoup !", "Très bien, merci"), "Avec plaisir. À bientôt !"),
    (("Guten Tag", "Hallo, können Sie mir helfen?"), "Guten Tag! Wie kann ich Ihnen helfen?"),
    (
        ("Wie ändere ich mein Passwort?", "Wo ist die Größe?"),
        "Öffnen Sie die Einstellungen und wählen Sie Sicherheit.",
    ),
    (("Hola, ¿qué tal?", "Buenos días"), "¡Hola! ¿En qué puedo ayudarle?"),
    (("¿Dónde está mi contraseña?", "¿Cuándo abre mañana?"), "Está en la sección Configuración."),
    (("Olá, bom dia", "Você pode ajudar?"), "Olá! Como posso ajudar você? Não há problema."),
    (("Ciao, come va?", "Perché è così?"), "Ciao! Va bene, grazie. Più tardi le rispondo."),
    (("Cześć, jak się masz?", "Gdzie jest moje hasło?"), "Dzień dobry! Chętnie pomogę."),
    (("你好", "您好!", "你是谁?"), "你好!我是一个小助手。有什么可以帮您?"),
    (("怎么重置密码?", "我忘记了密码。", "密码在哪里?"), "请打开设置,点击安全,然后重置密码。"),
    (("谢谢", "非常感谢!"), "不客气。祝您今天愉快!"),
    (("发票在哪里?", "我想看我的账单"), "发票在账户页面,请点击账单。"),
    (("こんにちは", "ありがとう"), "こんにちは。どうぞよろしくお願いします。"),
    (("Привет", "Где мой заказ?"), "Здравствуйте! Чем я могу помочь?"),
    (("😀", "👍 ok", "🎉🎉"), "😀 Good to see you! 👍"),
)

SYSTEM_PROMPTS = (
    "You are a helpful assistant.",
    "You are the help desk.",
    "Answer in one sentence.",
    "You are a support bot.",
    "You are {name}, the help desk assistant.",
    "You are {name}, the assistant of the {w} shop.",
    "You are {name}, a {w} expert.",
    "Be short and kind.",
    "You answer questions about {w}s and {w2}s.",
    "You are a {c} {w}.",
)

# Sentences that make a system prompt long without changing the answers.
SYSTEM_DETAILS = (
    "Be polite and patient.",
    "Use plain words.",
    "Never make things up.",
    "If you do not know something, say so.",
    "Answer in the language of the question.",
    "The {w} is {c} and costs {n} dollars.",
    "Our customers like {w}s, {w2}s and coffee.",
    "Our office is in {city}, on floor {n}.",
    "Write to {mail} for everything else.",
    "Do not talk about the {w}.",
    "Today is day {n} of the sale.",
)

NAMES = _words(
    "Ana,Ben,Carla,Deniz,Emma,Farid,Grace,Hugo,Ines,Jonas,Kira,Liam,Mia,Noor,Olga,Pavel,Quinn,Rosa,"
    "Sam,Tara,Umar,Vera,Wei,Xenia,Yusuf,Zoe,José,Zoë,Jürgen,Łukasz"
)

CITIES = _words(
    "Paris,Berlin,Madrid,Rome,Vienna,Oslo,Lisbon,Prague,Tokyo,Delhi,Cairo,Lima,Quito,Boston,Zürich,"
    "Kraków,Málaga,Nairobi,Sydney,Hanoi"
)

COLOURS = _words("red,blue,green,yellow,black,white,brown,grey,orange,pink,purple")

WORDS = _words(
    "apple,bread,cheese,dog,egg,fish,grape,honey,island,jacket,kettle,lemon,mirror,night,ocean,"
    "pencil,queen,river,sugar,train,umbrella,village,window,yellow bird,zebra,engine,flower,guitar,"
    "hammer,ice,jungle,knife,ladder,mountain,needle,orange,paper,quilt,rocket,shoe,tiger,uncle,"
    "violin,water,box,year,zoo,answer,bridge,castle,doctor,earth,forest,glass,horse,idea,judge,king,"
    "letter,music,nurse,office,picture,question,road,school,teacher,university,voice,winter,youth,"
    "morning,evening,question mark,kitchen,market,library,airport,station,museum,theatre,hospital,"
    "weather,summer,autumn,spring,money,friend,family,mother,father,child,student,engineer,writer,"
    "planet,star,moon,sun,cloud,rain,snow,wind,fire,stone,metal,wood,cotton,silver,gold,model,number"
)

LISTS = {
    "fruits": ("apple", "pear", "plum", "cherry", "mango"),
    "colours": ("red", "blue", "green", "yellow", "black"),
    "animals": ("cat", "dog", "horse", "owl", "fox"),
    "tools": ("hammer", "saw", "drill", "knife", "rope"),
    "drinks": ("water", "tea", "milk", "juice", "coffee"),
    "cities": ("Paris", "Rome", "Oslo", "Lima", "Cairo"),
    "vegetables": ("carrot", "onion", "pepper", "bean", "leek"),
    "instruments": ("piano", "violin", "flute", "drum", "guitar"),
}
