"""Long texts for the tests of locating: sentences put together by a small grammar from the words of real reports.

Every text of a language has its own draws, so two texts share words but hardly ever a whole clause.
"""

from __future__ import annotations

import random

_WORDS = {
    "en": {
        "name": "{pre}{post}|{pre}{post} {kind}|{pre}{post} {kind}|the {kind} of {pre}{post}",
        "pre": "Nord|Cal|Ost|Ken|Mar|Fen|Ald|Sund|Har|Oak|Tess|Quan|Bright|Iver|Lin|Ash|Brom|Dun|Eld|Gar|Thorn|Wes",
        "post": "wind|der|rava|trel|low|nick|mouth|by|bour|field|ton|well|haven|stad|mere|ley|ford|wick|gate|more",
        "kind": "Dynamics|Energy|Motors|University|Rail|Aviation|Foods|Batteries|Holdings|Institute|Shipping|Robotics",
        "adj": "regional|industrial|long-term|joint|digital|low-carbon|strategic|existing|additional|international|"
        "well-known|technical|commercial|reliable|local|advanced|wider|current|public|independent|maritime|medical",
        "noun": "agreement|laboratory|battery|charging network|supply chain|research centre|production line|platform|"
        "shareholders|customers|logistics hub|pilot plant|framework|training programme|distribution partner|software|"
        "wind farm|engineers|terminal|warehouse|patent|certificate|market|council|vessel|supplier|campus|investors",
        "verb": "will develop|has extended|is testing|plans to open|confirmed|intends to finance|welcomed|described|"
        "has been reviewing|expects to deliver|presented|agreed to share|won't replace|supported|measured|acquired",
        "tail": "in {month} 20{d}|according to a {adj} {noun}|near the {adj} {noun}|for {n} {noun}s in {n} countries|"
        "with an investment of {n} million euros|before the {noun} opens in {month}|after {n} days of negotiations|"
        "without naming a {adj} {noun}|on a site of {n},000 square metres|as part of its {noun}|together with {name}|"
        "at a price that {name} called “{adj}”|because the {noun} {verb} a {noun}|while {name} {verb} its {noun}",
        "month": "January|February|March|April|May|June|July|August|September|October|November|December",
        "form": "{name} {verb} the {adj} {noun} {tail}. |The {adj} {noun} of {name} {verb} a {noun}, {tail}. |"
        "“We see the {noun} as {adj},” said a spokesman of {name} – {tail}. |{name} and {name} {verb} their {noun} "
        "and a {adj} {noun} {tail}. |Under the {noun}, {name} {verb} {n} {adj} {noun} units {tail}.\n\n",
    },
    "fr": {
        "name": "{pre}{post}|{kind} {pre}{post}|{pre}{post} {kind}",
        "pre": "Val|Tes|Bré|Del|Sid|Nor|Fer|Hex|Quér|Lum|Mar|Cor|Saint-Al|Beau|Roch|Vil|Aub|Cham|Mont|Per",
        "post": "more|sier|mont|orme|onel|élec|val|adis|ville|ivert|tigny|bourg|nac|lieu|fort|essac|érac|ange",
        "kind": "Énergie|Automobiles|Fret|Université|Batteries|Groupe|Institut|Logistique|Aviation|Robotique",
        "adj": "régional|industriel|commun|numérique|stratégique|international|durable|technique|commercial|européen|"
        "nouveau|supplémentaire|maritime|indépendant|pilote|transfrontalier|existant|élargi",
        "noun": "accord|laboratoire|réseau de recharge|centre d'innovation|partenariat|atelier|programme de formation|"
        "fournisseur|marché|entrepôt|protocole|site de production|chantier|contrat-cadre|logiciel|brevet|conseil",
        "verb": "va développer|a prolongé|teste actuellement|prévoit d'ouvrir|a confirmé|souhaite financer|a présenté|"
        "examine depuis l'automne|compte livrer|a salué|décrit|entend partager|soutient|remplace",
        "tail": "en {month} 20{d}|selon un {noun} {adj}|près du {noun} {adj}|dans {n} pays d'Europe|avec {name}|"
        "pour un montant de {n} millions d'euros|avant l'ouverture du {noun} en {month}|après {n} jours de discussions|"
        "sans citer de {noun}|sur un terrain de {n} hectares|car le {noun} {adj} {verb} un {noun}|"
        "alors que {name} {verb} son {noun}",
        "month": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
        "form": "{name} {verb} le {noun} {adj} {tail}. |Le {noun} {adj} de {name} {verb} un {noun}, {tail}. |"
        "« Ce {noun} est {adj} », a déclaré {name} {tail}. |{name} et {name} {verb} un {noun} ainsi qu'un {noun} {adj} "
        "{tail}. |Dans le cadre du {noun}, {name} {verb} {n} sites et un {noun} {adj} {tail}.\n\n",
    },
    "zh": {
        "name": "{pre}{post}{kind}|{pre}{post}{kind}|{pre}{post}",
        "pre": "海|东|明|江|蓝|恒|云|滨|晨|松|瑞|金|远|华|天|安|新|宏|启|广|凌|博",
        "post": "川|岭|远|北|桥|石|洲|江|曦|柏|禾|源|达|泰|航|捷|盛|景|腾|立|信|森",
        "kind": "汽车|能源|科技|大学|物流|电池|机器人|港务|航空|食品|医药|重工|研究院|集团",
        "adj": "战略性|区域性|数字化|低碳|国际化|长期|智能|绿色|联合|新型|先进|开放|独立|高端|跨境",
        "noun": "合作协议|研发中心|充电网络|供应链|实验室|生产线|技术平台|物流枢纽|培训项目|动力电池|示范工厂|专利|数据中心|"
        "软件系统|合作伙伴|海外市场|工程师团队|风电场|产业园",
        "verb": "将共同开发|已经扩建|正在测试|计划建设|宣布投资|希望引进|积极推广|签署了|展示了|决定共享|持续完善|收购了",
        "tail": "，预计20{d}年{noun}投入使用|，总投资约{n}亿元|，覆盖{n}个国家和地区|，位于{name}附近|，以满足{adj}{noun}的需求|"
        "，{name}没有透露{noun}的价格|，占地{n}亩|，并与{name}展开交流|，这在{adj}{noun}中尚属首次|，{noun}的细节将于{n}天后公布",
        "form": "{name}{verb}{adj}{noun}{tail}。|{name}与{name}{verb}{adj}{noun}和{noun}{tail}。|据介绍，{name}的{noun}"
        "{verb}“{adj}{noun}”{tail}。|作为{adj}{noun}的一部分，{name}{verb}{noun}{tail}。\n",
    },
    "ja": {
        "name": "{pre}{post}{kind}|{pre}{post}",
        "pre": "北|東|青|星|瀬|西|南|大|小|高|松|竹|山|川|森|石|村|藤|桜|清",
        "post": "浜|陽|葉|野|戸|田|原|島|沢|谷|岡|橋|崎|本|井|塚|瀬|宮",
        "kind": "自動車|エネルギー|大学|ロジスティクス|電池|工業|フーズ|航空|研究所|製薬",
        "adj": "戦略的な|国際的な|新しい|長期の|共同の|低炭素の|先進的な|地域の|大規模な",
        "noun": "提携契約|研究センター|充電ネットワーク|サプライチェーン|実験室|生産ライン|プラットフォーム|物流拠点|研修制度|ソフトウェア",
        "verb": "を共同で開発する|を拡大した|を試験している|を建設する計画だ|を発表した|に投資する|を共有することで合意した",
        "tail": "20{d}年までに|約{n}億円を投じて|{n}か国で|{adj}{noun}の近くに|{noun}の要望を受けて|{noun}の価格を明らかにせずに|{name}と協力して|"
        "{n}日間の交渉を経て|{name}が{noun}{verb}ため",
        "form": "{name}は{tail}{adj}{noun}{verb}。|{name}と{name}は、{tail}{adj}{noun}{verb}。|発表によると、{name}の{noun}は"
        "{tail}{adj}{noun}{verb}という。\n",
    },
    "ko": {
        "name": "{pre}{post}{kind}|{pre}{post}",
        "pre": "한|동|미|푸|대|가|서|새|남|현|청|신|태|세|진|유|광|영",
        "post": "빛|해|래|른|성|온|림|벽|산|주|원|강|평|양|운|담",
        "kind": "모터스|에너지|대학교|물류|배터리|로봇|항만|항공|제약|연구원",
        "adj": "전략적|국제적인|새로운|장기적인|공동|저탄소|첨단|지역|대규모",
        "noun": "협력 협약|연구센터|충전 네트워크|공급망|실험실|생산 라인|기술 플랫폼|물류 거점|교육 과정|소프트웨어",
        "verb": "공동으로 개발한다|확대했다|시험하고 있다|건설할 계획이다|발표했다|투자하기로 했다|공유하기로 합의했다",
        "tail": "20{d}년까지|약 {n}억 원을 들여|{n}개 국가에서|{adj} {noun} 근처에|{noun}의 요구에 따라|{noun} 가격을 밝히지 않고|{name}와 함께|"
        "{n}일의 협상 끝에|{name}가 {noun}을 {verb}고 밝힌 뒤",
        "form": "{name}는 {tail} {adj} {noun}을 {verb}. |{name}와 {name}는 {tail} {adj} {noun}을 {verb}. |관계자에 따르면 "
        "{name}의 {noun}은 {tail} {adj} {noun}을 {verb}.\n",
    },
    "th": {
        "name": "{kind}{pre}{post}",
        "pre": "ทะเล|พลัง|ริม|สะพาน|ศิลา|เมฆ|ดาว|ภู|ธาร|แสง|ชัย|บูรพา|ศรี|มิตร",
        "post": "ใต้|งาม|น้ำ|ฟ้า|ทอง|ขาว|เหนือ|ผา|ใส|ธรรม|นคร|สยาม|เจริญ|ไพศาล",
        "kind": "บริษัท|กลุ่ม|มหาวิทยาลัย|โรงงาน|สถาบัน|ธนาคาร|สำนักงาน",
        "adj": "เชิงกลยุทธ์|ระหว่างประเทศ|แห่งใหม่|ระยะยาว|คาร์บอนต่ำ|ขั้นสูง|ระดับภูมิภาค|ขนาดใหญ่",
        "noun": "ข้อตกลงความร่วมมือ|ศูนย์วิจัย|เครือข่ายสถานีชาร์จ|ห่วงโซ่อุปทาน|ห้องปฏิบัติการ|สายการผลิต|แพลตฟอร์มดิจิทัล|ศูนย์กระจายสินค้า",
        "verb": "จะร่วมกันพัฒนา|ได้ขยาย|กำลังทดสอบ|วางแผนก่อสร้าง|ประกาศลงทุนใน|ต้องการสนับสนุน|ตกลงแบ่งปัน",
        "tail": "ภายในปี 20{d}|ด้วยเงินลงทุนราว {n} ล้านบาท|ใน {n} ประเทศ|ใกล้{noun}{adj}|ตามความต้องการของ{name}|โดยไม่เปิดเผยราคา{noun}|"
        "หลังการเจรจา {n} วัน|ขณะที่{name}{verb}{noun}",
        "form": "{name}{verb}{noun}{adj}{tail} |{name}และ{name}{verb}{noun}{adj}{tail} |แถลงการณ์ระบุว่า{name}{verb}{noun}และ{noun}"
        "{adj}{tail}\n",
    },
    "ar": {
        "name": "{kind} {pre}|{kind} {pre} {post}",
        "pre": "الميناء|الواحة|النهر|الجسر|الصخرة|الأفق|النخيل|الفجر|الساحل|القمر|البحر|الريادة|المدينة|الشرق",
        "post": "الأولى|الحديثة|المتحدة|الذهبية|الخضراء|الكبرى|الدولية|العربية|الوطنية",
        "kind": "شركة|مجموعة|جامعة|مصنع|مؤسسة|معهد|هيئة|بنك",
        "adj": "الاستراتيجي|الدولي|الجديد|المشترك|الرقمي|المتقدم|الإقليمي|الصناعي",
        "noun": "الاتفاق|المختبر|مركز الأبحاث|خط الإنتاج|برنامج التدريب|المصنع التجريبي|السوق المحلي|المستودع|نظام الشحن",
        "verb": "ستطور|وسعت|تختبر|تعتزم افتتاح|أعلنت عن|تريد تمويل|قدمت|وافقت على",
        "tail": "قبل نهاية عام 20{d}|باستثمار قدره {n} مليون دولار|في {n} دولة|قرب {noun} {adj}|بحسب بيان {name}|دون ذكر سعر {noun}|"
        "بعد {n} يوما من المفاوضات|بينما {verb} {name} {noun}",
        "form": "{verb} {name} {noun} {adj} {tail}. |{verb} {name} و{name} {noun} {adj}، {tail}. |وقالت {name} إن {noun} {adj} مهم "
        "{tail}.\n",
    },
}  # fmt: skip

LANGUAGES = tuple(_WORDS)
SPACED = ("en", "fr", "ko", "ar")


def text(language: str, chars: int, seed: int) -> str:
    """A text of about ``chars`` characters; the same arguments give the same text."""
    draw = random.Random(f"{language} {seed}")
    words = {kind: choices.split("|") for kind, choices in _WORDS[language].items()}
    out: list[str] = []
    length = 0
    while length < chars:
        sentence = draw.choice(words["form"])
        while "{" in sentence:
            start, end = sentence.index("{"), sentence.index("}")
            sentence = sentence[:start] + _fill(sentence[start + 1 : end], words, draw) + sentence[end + 1 :]
        out.append(sentence)
        length += len(sentence)
    return "".join(out)


def _fill(slot: str, words: dict[str, list[str]], draw: random.Random) -> str:
    if slot == "n":
        return str(draw.randint(2, 990))
    if slot == "d":
        return str(draw.randint(24, 39))
    return draw.choice(words[slot])
