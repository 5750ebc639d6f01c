"""The words for countries that CLDR leaves out: adjectives and people in seven languages, short forms, old names.

Facts only, in the smallest form; ``countries.py`` inflects and looks them up.
"""

from __future__ import annotations

from llmx.types.words import word_set

# code | English | French | German | Spanish | Portuguese | Italian | Dutch. The Romance languages give the masculine
# singular, German the adjective stem on -isch, and these are inflected; forms parted by / are all taken.
DEMONYMS = """
AE|Emirati/Emirian|émirien|emiratisch|emiratí|emiradense|emiratino|Emiratisch/Emiratische
AR|Argentine/Argentinian|argentin|argentinisch|argentino|argentino|argentino|Argentijns/Argentijnse
AT|Austrian|autrichien|österreichisch|austríaco/austriaco|austríaco|austriaco|Oostenrijks/Oostenrijkse
AU|Australian/Aussie|australien|australisch|australiano|australiano|australiano|Australisch/Australische
AZ|Azerbaijani/Azeri|azerbaïdjanais|aserbaidschanisch|azerbaiyano|azerbaijano|azero|Azerbeidzjaans/Azerbeidzjaanse
BD|Bangladeshi|bangladais|bangladeschisch|bangladesí|bengali|bengalese|Bengalees/Bengalese
BE|Belgian|belge|belgisch|belga|belga|belga|Belgisch/Belgische
BG|Bulgarian|bulgare|bulgarisch|búlgaro|búlgaro|bulgaro|Bulgaars/Bulgaarse
BH|Bahraini|bahreïnien|bahrainisch|bareiní|bareinita|bahreinita|Bahreins/Bahreinse
BO|Bolivian|bolivien|bolivianisch|boliviano|boliviano|boliviano|Boliviaans/Boliviaanse
BR|Brazilian|brésilien|brasilianisch|brasileño|brasileiro|brasiliano|Braziliaans/Braziliaanse
BY|Belarusian|biélorusse|belarussisch/weißrussisch|bielorruso|bielorrusso|bielorusso|Wit-Russisch
CA|Canadian|canadien|kanadisch|canadiense|canadense/canadiano|canadese|Canadees/Canadese
CH|Swiss|suisse|schweizerisch|suizo|suíço|svizzero|Zwitsers/Zwitserse
CL|Chilean|chilien|chilenisch|chileno|chileno|cileno|Chileens/Chileense
CN|Chinese|chinois|chinesisch|chino|chinês|cinese|Chinees/Chinese
CO|Colombian|colombien|kolumbianisch|colombiano|colombiano|colombiano|Colombiaans/Colombiaanse
CZ|Czech|tchèque|tschechisch|checo|tcheco/checo|ceco|Tsjechisch/Tsjechische
DE|German|allemand|deutsch|alemán|alemão|tedesco|Duits/Duitse
DK|Danish/Danes|danois|dänisch|danés|dinamarquês|danese|Deens/Deense
DZ|Algerian|algérien|algerisch|argelino|argelino|algerino|Algerijns/Algerijnse
EE|Estonian|estonien|estnisch|estonio|estónio/estoniano|estone|Estlands/Estlandse
EG|Egyptian|égyptien|ägyptisch|egipcio|egípcio|egiziano|Egyptisch/Egyptische
ES|Spanish/Spaniards|espagnol|spanisch|español|espanhol|spagnolo|Spaans/Spaanse
ET|Ethiopian|éthiopien|äthiopisch|etíope|etíope|etiope|Ethiopisch/Ethiopische
FI|Finnish/Finns|finlandais|finnisch|finlandés/finés|finlandês|finlandese|Fins/Finse
FR|French/Frenchmen|français|französisch|francés|francês|francese|Frans/Franse
GB|British/Britons/Brits/English/Scottish/Welsh|britannique|britisch|británico|britânico|britannico|Brits/Britse
GH|Ghanaian|ghanéen|ghanaisch|ghanés|ganês|ghanese|Ghanees/Ghanese
GR|Greek|grec|griechisch|griego|grego|greco|Grieks/Griekse
HR|Croatian|croate|kroatisch|croata|croata|croato|Kroatisch/Kroatische
HU|Hungarian|hongrois|ungarisch|húngaro|húngaro|ungherese|Hongaars/Hongaarse
ID|Indonesian|indonésien|indonesisch|indonesio|indonésio|indonesiano|Indonesisch/Indonesische
IE|Irish|irlandais|irisch|irlandés|irlandês|irlandese|Iers/Ierse
IL|Israeli|israélien|israelisch|israelí|israelense/israelita|israeliano|Israëlisch/Israëlische
IN|Indian|indien|indisch|indio|indiano|indiano|Indiaas/Indiase
IQ|Iraqi|irakien|irakisch|iraquí|iraquiano|iracheno|Iraaks/Iraakse
IR|Iranian|iranien|iranisch|iraní|iraniano|iraniano|Iraans/Iraanse
IS|Icelandic|islandais|isländisch|islandés|islandês|islandese|IJslands/IJslandse
IT|Italian|italien|italienisch|italiano|italiano|italiano|Italiaans/Italiaanse
JO|Jordanian|jordanien|jordanisch|jordano|jordaniano|giordano|Jordaans/Jordaanse
JP|Japanese|japonais|japanisch|japonés|japonês|giapponese|Japans/Japanse
KE|Kenyan|kényan|kenianisch|keniano|queniano|keniano|Keniaans/Keniaanse
KH|Cambodian|cambodgien|kambodschanisch|camboyano|cambojano|cambogiano|Cambodjaans/Cambodjaanse
KR|Korean|coréen|koreanisch|coreano|coreano|coreano|Koreaans/Koreaanse
KR|South Korean|sud-coréen|südkoreanisch|surcoreano|sul-coreano|sudcoreano|Zuid-Koreaans/Zuid-Koreaanse
KP|North Korean|nord-coréen|nordkoreanisch|norcoreano|norte-coreano|nordcoreano|Noord-Koreaans/Noord-Koreaanse
KW|Kuwaiti|koweïtien|kuwaitisch|kuwaití|kuwaitiano|kuwaitiano|Koeweits/Koeweitse
KZ|Kazakh/Kazakhstani|kazakh|kasachisch|kazajo|cazaque|kazako|Kazachs/Kazachse
LT|Lithuanian|lituanien|litauisch|lituano|lituano|lituano|Litouws/Litouwse
LU|Luxembourgish|luxembourgeois|luxemburgisch|luxemburgués|luxemburguês|lussemburghese|Luxemburgs/Luxemburgse
LV|Latvian|letton|lettisch|letón|letão|lettone|Lets/Letse
MA|Moroccan|marocain|marokkanisch|marroquí|marroquino|marocchino|Marokkaans/Marokkaanse
MM|Burmese|birman|birmanisch|birmano|birmanês|birmano|Birmaans/Birmaanse
MN|Mongolian|mongol|mongolisch|mongol|mongol|mongolo|Mongools/Mongoolse
MX|Mexican|mexicain|mexikanisch|mexicano|mexicano|messicano|Mexicaans/Mexicaanse
MY|Malaysian|malaisien|malaysisch|malasio|malaio|malese|Maleisisch/Maleisische
NG|Nigerian|nigérian|nigerianisch|nigeriano|nigeriano|nigeriano|Nigeriaans/Nigeriaanse
NL|Dutch|néerlandais|niederländisch|neerlandés/holandés|holandês/neerlandês|olandese|Nederlands/Nederlandse
NO|Norwegian|norvégien|norwegisch|noruego|norueguês|norvegese|Noors/Noorse
NZ|New Zealander|néo-zélandais|neuseeländisch|neozelandés|neozelandês|neozelandese|Nieuw-Zeelands
OM|Omani|omanais|omanisch|omaní|omanense|omanita|Omaans/Omaanse
PE|Peruvian|péruvien|peruanisch|peruano|peruano|peruviano|Peruaans/Peruaanse
PH|Philippine/Filipino/Filipinos|philippin|philippinisch|filipino|filipino|filippino|Filipijns/Filipijnse
PK|Pakistani|pakistanais|pakistanisch|pakistaní|paquistanês|pachistano|Pakistaans/Pakistaanse
PL|Polish/Poles|polonais|polnisch|polaco|polonês/polaco|polacco|Pools/Poolse
PT|Portuguese|portugais|portugiesisch|portugués|português|portoghese|Portugees/Portugese
QA|Qatari|qatari|katarisch|catarí|catari|qatariota|Qatarees/Qatarese
RO|Romanian|roumain|rumänisch|rumano|romeno|rumeno|Roemeens/Roemeense
RS|Serbian|serbe|serbisch|serbio|sérvio|serbo|Servisch/Servische
RU|Russian|russe|russisch|ruso|russo|russo|Russisch/Russische
RW|Rwandan|rwandais|ruandisch|ruandés|ruandês|ruandese|Rwandees/Rwandese
SA|Saudi/Saudi Arabian|saoudien|saudisch/saudi-arabisch|saudí/saudita|saudita|saudita|Saoedisch/Saoedische
SE|Swedish/Swedes|suédois|schwedisch|sueco|sueco|svedese|Zweeds/Zweedse
SG|Singaporean|singapourien|singapurisch|singapurense|singapuriano/singapurense|singaporiano|Singaporees/Singaporese
SI|Slovenian|slovène|slowenisch|esloveno|esloveno|sloveno|Sloveens/Sloveense
SK|Slovak|slovaque|slowakisch|eslovaco|eslovaco|slovacco|Slowaaks/Slowaakse
SN|Senegalese|sénégalais|senegalesisch|senegalés|senegalês|senegalese|Senegalees/Senegalese
TH|Thai|thaïlandais|thailändisch|tailandés|tailandês|thailandese|Thais/Thaise
TN|Tunisian|tunisien|tunesisch|tunecino|tunisino|tunisino|Tunesisch/Tunesische
TR|Turkish/Turks|turc|türkisch|turco|turco|turco|Turks/Turkse
TW|Taiwanese|taïwanais|taiwanisch/taiwanesisch|taiwanés|taiwanês|taiwanese|Taiwanees/Taiwanese
UA|Ukrainian|ukrainien|ukrainisch|ucraniano|ucraniano|ucraino|Oekraïens/Oekraïense
US|American|américain/états-unien|amerikanisch/us-amerikanisch|estadounidense/norteamericano|americano/norte-americano/estadunidense|americano/statunitense|Amerikaans/Amerikaanse
UZ|Uzbek|ouzbek|usbekisch|uzbeko|usbeque|uzbeko|Oezbeeks/Oezbeekse
VE|Venezuelan|vénézuélien|venezolanisch|venezolano|venezuelano|venezuelano|Venezolaans/Venezolaanse
VN|Vietnamese|vietnamien|vietnamesisch|vietnamita|vietnamita|vietnamita|Vietnamees/Vietnamese
ZA|South African|sud-africain|südafrikanisch|sudafricano|sul-africano|sudafricano|Zuid-Afrikaans/Zuid-Afrikaanse
"""

# Names and short forms beside CLDR's, matched with their first letter as written here.
NAMES = {
    "AE": "UAE|Emirates|Abu Dhabi Emirate|EAU|VAE|Émirats|Emirati Arabi|Emiratos|阿联酋|アラブ首長国連邦|UAE",
    "CD": "DR Congo|DRC|RDC|République démocratique du Congo|刚果（金）",
    "CH": "Schweizer|Confédération suisse|Swiss Confederation|瑞士|スイス",
    "CN": "PRC|P.R. China|PR China|People's Republic of China|Mainland China|mainland China|Volksrepublik China|"
    "VR China|République populaire de Chine|República Popular China|Repubblica Popolare Cinese|República Popular da "
    "China|"
    "Volksrepubliek China|中华人民共和国|中華人民共和国|중화인민공화국|中国大陆|中國|中国|중국|중국산",
    "CZ": "Czech Republic|République tchèque|Tschechische Republik|República Checa|República Tcheca|Repubblica Ceca|"
    "Tsjechische Republiek|捷克|チェコ|체코",
    "DE": "Federal Republic of Germany|Bundesrepublik|RFA|德国|德國|ドイツ|独逸|독일|deutsche|Deutsche Bundesrepublik",
    "ES": "西班牙|スペイン|스페인", "FR": "法国|法國|フランス|仏国|프랑스",
    "GB": "UK|U.K.|Britain|Great Britain|England|Scotland|Wales|Northern Ireland|Royaume-Uni|Grande-Bretagne|"
    "Angleterre|"
    "Großbritannien|England|Schottland|Vereinigtes Königreich|Reino Unido|Gran Bretaña|Inglaterra|Grã-Bretanha|"
    "Regno Unito|Gran Bretagna|Inghilterra|Verenigd Koninkrijk|Groot-Brittannië|Engeland|英国|英國|イギリス|英国|영국",
    "HK": "Hong Kong|Hongkong|Hong-Kong|HKSAR|Hong Kong SAR|Hongkonger|hongkongais|hongkonés|香港|홍콩|中国香港|HK",
    "IN": "印度|インド|Bharat", "IT": "意大利|義大利|イタリア|이탈리아", "IR": "Iran|伊朗",
    "JP": "日本|"
    "일본", "KP": "DPRK|North Korea|朝鲜|北朝鮮|북한|Corée du Nord|Nordkorea|Corea del Norte|Coreia do Norte|"
    "Corea del Nord|Noord-Korea",
    "KR": "ROK|Korea|South Korea|Republic of Korea|Corée|Corée du Sud|Südkorea|Corea|Corea del Sur|Coreia|Coreia do "
    "Sul|"
    "Corea del Sud|Zuid-Korea|韩国|韓国|南韩|南韓|한국|대한민국",
    "LA": "Laos", "MO": "Macau|Macao|澳门|澳門|マカオ|마카오|中国澳门",
    "NL": "Netherlands|Holland|The Netherlands|Pays-Bas|Hollande|Holanda|Países Bajos|Países Baixos|Paesi Bassi|Olanda|"
    "Nederland|荷兰|荷蘭|オランダ|네덜란드",
    "RU": "Russia|Russian Federation|Russie|Russland|Rusia|Rússia|俄罗斯|ロシア|러시아|Fédération de Russie",
    "SA": "KSA|Saudi|Saudi-Arabien|沙特|サウジアラビア|사우디|사우디아라비아", "SY": "Syria",
    "TR": "Turkey|Türkiye|Turquie|Türkei|Turquía|Turquia|Turchia|Turkije|土耳其|トルコ|튀르키예|터키",
    "TW": "Taiwan|Republic of China|ROC|Chinese Taipei|台湾|臺灣|台灣|中国台湾|대만|타이완",
    "TZ": "Tanzania", "US": "US|U.S.|U.S.A.|USA|United States|United States of America|America|États-Unis|Etats-Unis|"
    "États-Unis d'Amérique|Vereinigte Staaten|Vereinigten Staaten|Amerika|Estados Unidos|EE.UU.|EE. UU.|EEUU|EUA|"
    "Stati Uniti|Stati Uniti d'America|Verenigde Staten|VS|美国|美國|米国|アメリカ|アメリカ合衆国|미국",
    "VA": "Vatican", "VN": "Vietnam|Viet Nam|越南|ベトナム|"
    "베트남", "XK": "Kosovo", "AU": "豪州|オーストラリア|澳大利亚|澳洲|호주",
    "BR": "巴西|ブラジル|"
    "브라질", "CA": "加拿大|カナダ|캐나다", "MX": "墨西哥|メキシコ|멕시코", "MY": "马来西亚|マレーシア|말레이시아",
    "TH": "泰国|泰國|タイ王国|"
    "태국", "SG": "新加坡|シンガポール|싱가포르", "ID": "印尼|印度尼西亚|インドネシア|인도네시아",
    "HU": "匈牙利|ハンガリー|헝가리", "PL": "波兰|ポーランド|폴란드", "SE": "瑞典|スウェーデン|스웨덴",
    "PS": "Palestine|Palestina|Palästina", "CI": "Côte d'Ivoire|Ivory Coast|Elfenbeinküste|Costa de Marfil",
    "CV": "Cape Verde", "SZ": "Swaziland", "MK": "Macedonia|North Macedonia", "MM": "Burma|Myanmar", "TL": "East Timor",
    "BY": "Belarus|Weißrussland|Biélorussie", "CG": "Congo-Brazzaville", "CY": "Cyprus",
}  # fmt: skip

# Single Han letters, and others, that name a country only where they are all that was given.
ALONE = {"中": "CN", "日": "JP", "美": "US", "米": "US", "独": "DE", "德": "DE", "仏": "FR", "法": "FR",
         "英": "GB", "韩": "KR",
         "韓": "KR", "俄": "RU", "露": "RU", "印": "IN", "港": "HK", "台": "TW", "加": "CA", "豪": "AU",
         "澳": "AU", "伊": "IT",
         "한": "KR", "미": "US", "중": "CN", "일": "JP", "タイ": "TH", "泰": "TH"}  # fmt: skip

# Capitalised phrases that hold a country's name and mean none.
NOT_COUNTRIES = (
    "new mexico|new jersey|new england|south china sea|east china sea|south china morning post|indian ocean|gulf of "
    "mexico|"
    "latin america|latin american|south america|south american|north america|north american|central america|"
    "central american|latin americans|british columbia|british virgin islands|united states dollar|golfe du mexique|"
    "amérique latine|amérique du nord|amérique du sud|américa latina|américa del sur|américa del norte|américa do sul|"
    "américa do norte|america latina|america del nord|america del sud|latijns-amerika|zuid-amerika|noord-amerika|"
    "indiana|indianapolis|guinea pig|guinea pigs|océan indien|oceano indiano|océano índico|indischer ozean|"
    "indischen ozean|panama canal|canal de panama|canal de panamá|panamakanal|the americas|michael jordan|french "
    "guiana|"
    "french polynesia|mar del plata|georgia tech|china sea"
)
# Names that are also something common; each is read only where it is all that was given.
COMMON = word_set(
    "jersey maurice réunion reunion man guernsey chad mali niger togo saba oman samoa malta tonga dominica nauru guam "
    "turks guyane pérou peru chili polish swiss polaco indio indios india's finish greco polo thai lets fins noors "
    "us vs "
    "pools brits russo turco roc rfa dato sal roma palau"
) - {"oman", "malta", "samoa", "tonga", "togo", "mali", "swiss", "polish", "thai", "us", "peru", "pérou", "india's"}
"""Lower-cased. Where the capital is missing, more words are common: those countries.py asks for a capital."""
