"""What web pages say around an article, in twelve languages: facts as data, matched against whole lines.

A pattern must match the whole line (lower case, single blanks, straight quotes, no bullet before it, no colon or arrow
after it). Where a pattern ends in ``.*`` the caller still limits the line's length. Patterns are strict on purpose: a
line that is dropped wrongly costs a fact, one that is kept wrongly costs a few tokens.
"""

# ruff: noqa: E501  a pattern is one line, however many alternatives it has

from __future__ import annotations

import re
from functools import cache
from typing import Final

_COOKIES = """
(we|this (web)?site|our (web)?site|this page)( and (our|selected) partners)? (may )?uses? (\\S+ ){0,3}cookies\\b.*
by (continuing|using|clicking|browsing)\\b.{0,90}\\bcookies\\b.*
(accept|manage|reject|allow)( all)?( the)? cookies
cookie (settings|policy|preferences|notice|consent)
(nous utilisons|ce site utilise|ce site web utilise|en poursuivant)\\b.{0,90}\\bcookies\\b.*
(wir|we|nous|wij|noi|nosotros) (und|and|et|en|e|y) (unsere?|our|nos|onze|i nostri|nuestros) (\\d+ )?(partner[ns]?|partenaires|socios)\\b.{0,160}
nous utilisons des témoins\\b.*
(tout accepter|accepter( tous les)? cookies|gérer (les|mes) cookies|paramétrer les cookies)
(wir verwenden|wir nutzen|diese (web)?(site|seite) (verwendet|nutzt)|unsere (web)?(site|seite) (verwendet|nutzt))\\b.{0,60}\\bcookies\\b.*
(alle (cookies )?akzeptieren|cookie-?(einstellungen|richtlinie|hinweis))
(utilizamos|usamos|este sitio( web)? (utiliza|usa)|esta (web|página) (utiliza|usa))\\b.{0,60}\\bcookies\\b.*
(aceptar( todas( las)?)? cookies|política de cookies|configurar cookies)
este (site|sítio|portal) (utiliza|usa)\\b.{0,60}\\bcookies\\b.*
(aceitar( todos( os)?)? cookies|política de cookies)
(utilizziamo|usiamo|questo sito( web)? (utilizza|usa))\\b.{0,60}\\bcookies?\\b.*
(accetta( tutti)?( i)? cookies?|informativa sui cookie)
(wij|we|deze (web)?site) gebruik(en|t)\\b.{0,40}\\bcookies\\b.*
((alle )?cookies accepteren|cookie-?(instellingen|beleid))
(本网站|本站|我们)(会)?使用 ?cookies?.*
(当|この|本)?(ウェブ)?サイトでは.{0,20}(cookie|クッキー).*
.{0,20}(쿠키|cookie)를? ?사용(합니다|하고).*
(мы|этот сайт|наш сайт|сайт) использу(ем|ет)\\b.{0,30}(cookie|куки).*
"""

_COPYRIGHT = """
(©|ⓒ|\\(c\\)|copyright ?(©|\\(c\\)|:|\\d{4})).*
.{0,80}(©|ⓒ) ?\\d{4}.{0,80}
(.{0,60}\\b)?all rights reserved\\b.*
(tous droits réservés|reproduction interdite)\\b.*
(alle rechte vorbehalten|alle rechten voorbehouden)\\b.*
(todos los derechos reservados|todos os direitos reservados|prohibida (la|su) reproducción|proibida a reprodução)\\b.*
(tutti i diritti riservati|(©)? ?riproduzione riservata)\\b.*
(版权所有|版权声明|免责声明|声明[:：].{0,40}(版权|转载|本站|本网|侵权|立场|观点)|未经.{0,12}(授权|许可|同意).{0,12}(转载|复制|使用|摘编|引用|镜像|不得)|.{0,40}icp ?[备证]).*
(statement: the copyright|disclaimer:).*
(無断(転載|複製|使用)|転載禁止|著作権(は|表示)|(本|この|掲載)記事.{0,12}著作権).*
(<? ?저작권자|무단 ?전재|<? ?저작권 ?[ⓒ©]).*
(все права защищены|перепечатка)\\b.*
جميع الحقوق محفوظة.*
"""

_COMMENTS = """
leave a (reply|comment)\\b.*
(post|add|write)( a| your)? comment
(\\d+ )?comments?( ?\\(?\\d*\\)?)?
comment \\d+ (collection|like|share)\\b.*
your e-?mail address will not be published\\b.*
required fields are marked\\b.*
save my name, e-?mail\\b.*
(log|sign) in to (comment|reply|leave)\\b.*
comments (have to be|are closed|are moderated|must be)\\b.*
be the first to (comment|leave)\\b.*
this site uses akismet\\b.*
learn how your comment data is processed
laisser un commentaire\\b.*
votre adresse (e-?mail|de messagerie) ne sera pas publiée\\b.*
les champs obligatoires\\b.*
(\\d+ )?commentaires?( ?\\(?\\d*\\)?)?
réagir à cet article
(schreiben sie|schreibe|hinterlasse(n sie)?) einen kommentar\\b.*
kommentar (schreiben|verfassen|hinterlassen|abgeben)
(ihre|deine) e-mail-adresse wird nicht veröffentlicht\\b.*
erforderliche felder sind\\b.*
((\\d+|alle|zu den) )?kommentaren?( ?\\(?\\d*\\)?)?
deja (un comentario|una respuesta)\\b.*
(tu|su) dirección de correo electrónico no será publicada\\b.*
los campos obligatorios\\b.*
(\\d+ )?comentarios?( ?\\(?\\d*\\)?)?
deix(e|ar) (um comentário|uma resposta)\\b.*
o seu endereço de e-?mail não será publicado\\b.*
campos obrigatórios\\b.*
(\\d+ )?comentários?( ?\\(?\\d*\\)?)?
lascia un (commento|risposta)\\b.*
il tuo indirizzo e-?mail non sarà pubblicato\\b.*
i campi obbligatori\\b.*
(\\d+ )?comment[oi]( ?\\(?\\d*\\)?)?
(geef|laat) een (reactie|antwoord)\\b.*
(je|uw|het) e-mailadres wordt niet gepubliceerd\\b.*
vereiste velden\\b.*
(\\d+ )?reacties?( ?\\(?\\d*\\)?)?
(发表|我要|网友|全部|最新|查看)评论.*
评论 ?[(（]?\\d*[)）]?
(暂无评论|登录后).{0,30}
コメント(する|を(書く|残す)|一覧|を投稿)?( ?[(（]?\\d*[)）]?)?
メールアドレスが公開されることはありません.*
댓글( ?(쓰기|달기|보기|목록))?( ?\\(?\\d*\\)?)?
이메일 주소는 공개되지 않습니다.*
(оставить|добавить) комментарий\\b.*
(комментари(и|ев|й)|\\d+ комментари(и|ев|й))( ?\\(?\\d*\\)?)?
ваш (адрес email|e-?mail) не будет опубликован\\b.*
اترك (تعليق|رد).*
"""

_HELPFUL = """
was this (article|page|information|answer|post|content)? ?(helpful|useful)\\b.*
did you (find this|like this|enjoy)\\b.{0,60}
\\d+ (out )?of \\d+ (people |users |readers )?found this (helpful|useful)\\b.*
rate this (article|page|post)\\b.*
(thanks?|thank you) for your feedback\\b.*
war (dieser|der) (artikel|beitrag)\\b.{0,40}(hilfreich|interessant|nützlich)\\b.*
\\d+ von \\d+\\b.{0,40}hilfreich\\b.*
cet article vous a-t-il (été utile|aidé|plu|intéressé)\\b.*
(¿)?(te|le) (ha sido|fue|resultó|pareció) (útil|interesante)\\b.*
¿?(este|el) artículo (te|le)? ?(ha sido|fue|resultó) útil\\b.*
(este|esse) (artigo|conteúdo) foi útil\\b.*
(questo articolo|l'articolo) (ti )?è stato utile\\b.*
(was dit artikel nuttig|heb je iets aan dit artikel)\\b.*
(这篇|本)文章?(对您|对你|是否)有(用|帮助).*
この記事は(お?役に立ち|参考になり|いかが).*
이 (기사|글|문서)가 도움이.*
(была ли|вам понравилась|оцените) (эта )?стат(ья|ью)\\b.*
"""

_SHARE = """
share( (this|the))?( (article|post|page|story))?( (on|via|with|to))?( (facebook|twitter|x|linkedin|whatsapp|wechat|weibo|e-?mail|telegram|reddit|pinterest))*
(share|tweet|print|pin|copy link|e-?mail|bookmark|save)( (this|article|page|story))*
(facebook|twitter|x|linkedin|whatsapp|telegram|instagram|youtube|pinterest|reddit|e-?mail|flipboard)(( |, | \\| | / )(facebook|twitter|x|linkedin|whatsapp|telegram|instagram|youtube|pinterest|reddit|e-?mail|print|flipboard|rss))*
partage[rz]( (cet|l'))? ?(article)?( (sur|par) \\S+)?
(imprimer|envoyer par (e-?mail|courriel)|copier le lien)
((artikel|beitrag|seite) )?(teilen|drucken|merken|weiterempfehlen)( (auf|per|via) \\S+)?
(link kopieren|per e-?mail (senden|versenden|teilen))
compart(ir|e|a)( (en|esta noticia|este artículo|por))?( \\S+)?
(imprimir|enviar por correo|copiar (el )?enlace|copiar (o )?link)
(compartilh(ar|e)|partilh(ar|e))( (no|na|em|via|esta notícia|este artigo))?( \\S+)?
condividi( (su|via|l'articolo|questo articolo))?( \\S+)?
(stampa|copia link|invia per e-?mail)
(delen|deel dit artikel)( (op|via) \\S+)?
(afdrukken|link kopiëren)
(分享(到|至)?|加入好友|扫一扫|扫码分享|微信扫码)[:：]?.{0,40}
(打印|收藏|复制链接|点赞|举报|纠错)
(シェア|ツイート|印刷|保存|ブックマーク)(する)?
リンクをコピー
(기사 ?)?(공유(하기)?|인쇄(하기)?|스크랩|링크 ?복사|글자 ?크기.{0,20})
(поделиться|распечатать)( (в|статьёй|статьей|новостью))?( \\S+)?
شارك( هذا)?( المقال)?
"""

_NEWSLETTER = """
(sign up|subscribe|register)( now| today)?( (for|to) .{0,120})?
(get|receive) (our|the latest|your|all the)\\b.{0,60}\\b(newsletters?|inbox|updates|alerts)\\b.*
(our )?newsletters?
don't miss (our|the latest|any|a) .{0,140}
enter your e-?mail( address)?\\b.{0,60}
(start your free trial|already a subscriber|subscribers only|follow us|join us on)\\b.{0,80}
follow .{1,40} on (x|twitter|facebook|linkedin|instagram|google news|whatsapp|telegram)\\b.*
(if you have any (questions|suggestions|comments|feedback)|for more information,? please)\\b.{0,60}\\bcontact us.{0,20}
.{0,80}; ?if you have any (questions|suggestions|comments|feedback)\\b.{0,40}\\bcontact us.{0,20}
(inscrivez-vous|abonnez-vous|je m'abonne|s'inscrire|s'abonner|suivez-nous)\\b.{0,120}
recevez\\b.{0,80}\\b(newsletter|infolettre|lettre|boîte mail|alertes)\\b.*
((jetzt|hier) )?(den |unseren |zum )?newsletter( (abonnieren|bestellen|anmelden))?
(abonnieren sie|melden sie sich .{0,40}newsletter|folgen sie uns)\\b.{0,120}
(suscr[ií]bete|suscríbase|regístrate|apúntate|síguenos|síganos)\\b.{0,120}
(recibe|reciba)\\b.{0,60}\\b(boletín|newsletter|correo|whatsapp)\\b.*
(assine|inscreva-se|cadastre-se|siga-nos)\\b.{0,120}
receba\\b.{0,60}\\b(newsletter|notícias|e-?mail|whatsapp)\\b.*
siga .{1,40} (no|nas|na) (google|instagram|whatsapp|facebook|redes|x|twitter|telegram)\\b.*
(iscriviti|abbonati|seguici)\\b.{0,120}
(schrijf je in|abonneer|meld je aan|volg ons)\\b.{0,120}
(nieuwsbrief|boletín( de noticias)?|infolettre|newsletter|lettre d'information) ?[:：].{1,100}
(nieuwsbrief|boletín( de noticias)?|infolettre)
(欢迎)?(关注|订阅|扫码关注|长按识别).{0,40}(公众号|微信|微博|客户端|二维码).{0,20}
(点击)?下载.{0,20}(app|客户端).{0,20}
.{0,20}(メルマガ|メールマガジン|ニュースレター).{0,20}(登録|購読).{0,20}
.{0,20}(뉴스레터|구독)( ?(신청|하기))
(подпишитесь|подписаться|следите за нами)\\b.{0,100}
"""

_MORE = """
(read|see|show|view|load|find out|learn) more( .{0,40})?
(read|see|view) (the )?(full|whole|original|entire) (story|article|report|text)
(continue|keep) reading\\b.{0,40}
click here( (to|for) .{0,60})?
lire (la suite|plus|l'article( complet)?)
(en savoir plus|voir (plus|tout)|afficher (plus|la suite))
(mehr (lesen|anzeigen|erfahren|laden)|weiterlesen|alle anzeigen|zum artikel)
(leer|ver|saber|cargar) más
(seguir|continuar|continúe) leyendo
(ler|ver|saiba|carregar) mais
(continue lendo|continuar (a ler|lendo))
(leggi (tutto|di più|l'articolo)|continua a leggere|scopri di più|mostra altro)
(lees (verder|meer)|meer (lezen|weergeven|laden))
(阅读|查看|展开|点击)(更多|全文|原文|查看).{0,10}
(続きを|もっと)(読む|見る)
全文を(読む|表示)
(더 ?보기|기사 ?더 ?보기|전체 ?보기|자세히 ?보기)
(责任编辑|责编|本文编辑|编辑|校对|审核)[:：].{0,50}
(читать|показать|узнать) (далее|ещё|еще|полностью|больше|подробнее)
"""

_NAVIGATION = """
(back|return|go) to (the )?(top|home ?page|list|homepage)( button)?
skip to (main )?(content|navigation)
(jump to|toggle) (navigation|menu|content)
(home|home ?page|menu|main menu|log in / register|search|log ?in|log ?out|sign ?in|my account|contact( us)?|about us|advertise( with us)?|sitemap|site map|careers|faqs?|close|cart)
(privacy (policy|notice|statement)|terms( and conditions| of use| of service)?|accessibility( statement)?|legal notice)
(e-?paper|our standards: .{0,80}|code of ethics)
(retour en haut( de( la)? page)?|haut de page|(aller|passer) au contenu( principal)?|accueil|mentions légales|politique de confidentialité|se connecter|plan du site|nous contacter|qui sommes-nous)
(nach oben|(zum )?seitenanfang|(direkt )?zum (haupt)?inhalt( springen)?|startseite|impressum|datenschutz(erklärung)?|login|einloggen|kontakt|anmelden|agb|suche|menü|über uns|seite \\d+ von \\d+)
(volver arriba|(ir|saltar) al contenido( principal)?|inicio|aviso legal|política de privacidad|iniciar sesión|contacto|quiénes somos|términos y condiciones)
(voltar ao (topo|início)|(ir|saltar|pular) para o conteúdo( principal)?|início|política de privacidade|termos de uso|entrar|fale conosco|quem somos)
(torna (su|in alto|all'inizio)|(vai|salta) al contenuto( principale)?|privacy( policy)?|accedi|contatti|note legali|chi siamo|cerca)
(terug naar boven|(ga )?naar de (hoofd)?inhoud|privacybeleid|inloggen|over ons|algemene voorwaarden|zoeken)
(返回(顶部|頂部|首頁|首页|列表|上一页)|回到顶部|回到頂端|加入好友|首页|登录|注册|登录/注册|网站地图|关于我们|联系我们|设为首页|加入收藏|打印本页|关闭窗口|關閉視窗|意见反馈|close the window)
((ページの?|トップ)?(ページ)?(トップ|先頭|上部)(へ|に)?(戻る)?|ホーム|ログイン|会員登録|お問い合わせ|プライバシーポリシー|個人情報保護方針|利用規約|サイトマップ|メニュー|検索)
((맨 ?위로|위로|상단으로)( 가기)?|홈|로그인|회원가입|개인정보 ?(처리|취급)방침|이용약관|사이트맵|메뉴|검색)
(наверх|вернуться наверх|главная|войти|регистрация|контакты|о нас|политика конфиденциальности|поиск|меню)
"""

# Lines that open a list of links. What follows them and looks like a link goes with them.
_RELATED = """
related( (articles?|stories|posts?|news|content|links|topics|coverage|reading))?
you (may|might|could)( also)? (like|be interested in|enjoy)\\b.{0,20}
(also read|read also|see also|read next|up next|what to read next|more to read|further reading)
more (from .{1,40}|(in|on) this (section|topic|story|subject))
more (news|stories|articles|headlines|like this)
recommended( (for you|articles|stories|reading|posts))?
(most|popular) (read|popular|viewed|shared|recent|posts|articles|stories)( .{0,20})?
(trending( now| stories)?|latest (news|stories|posts|articles|headlines)|top stories|recent (posts|articles|news)|editor'?s'? (picks?|choice))
(discover more|don't miss|in other news|in case you missed it|from the web|around the web|sponsored (content|links)|previous (article|post|story)|next (article|post|story))
(à lire( aussi| également)?|lire (aussi|également)|voir aussi|sur le même (sujet|thème)|articles? (liés|similaires|associés|connexes|récents)|à découvrir( aussi)?|les plus lus|(autres|dernières) actualités|dans la même rubrique|recommandés?( pour vous)?|à ne pas manquer)
(lesen sie auch|auch interessant|mehr zum thema|das könnte (sie|dich) (auch )?interessieren|weitere (artikel|meldungen|nachrichten|beiträge|themen)|(verwandte|ähnliche) (artikel|beiträge|themen)|meistgelesen(e artikel)?|empfehlungen( der redaktion)?|aktuelle (meldungen|nachrichten))
((lea|lee|leer|vea|ver) también|te (puede|podría|puede también) (interesar|gustar)|también te puede interesar|(noticias|artículos|notas|temas) relacionad[oa]s|relacionad[oa]s|(lo )?más (leíd[oa]s?|noticias|vist[oa]s?)|(otras|últimas) noticias|te recomendamos)
((leia|veja|confira) (também|mais)|(notícias|artigos|matérias|conteúdos?|posts?|assuntos) relacionad[oa]s?|(as )?mais (lidas|lidos|vistas)|(mais|outras|últimas) notícias|recomendad[oa]s?( para você)?|você (também )?pode (gostar|se interessar).{0,20})
(leggi anche|potrebbe(ro)? interessarti( anche)?|(articoli|notizie) (correlati|correlate|simili)|i più letti|le più lette|vedi anche|ultime notizie|consigliati( per te)?)
(lees ook|bekijk ook|gerelateerde?( (artikelen|berichten|nieuws))?|meest gelezen|aanbevolen( voor jou)?|ook interessant)
(相关(阅读|新闻|文章|报道|推荐|链接|资讯|内容|专题)|(推荐|延伸|拓展|热门|精彩)(阅读|文章|新闻|推荐|资讯)|猜你喜欢|更多(新闻|资讯|推荐|精彩)|为您推荐|点击排行|热点排行|最新(资讯|新闻|文章))
(相關(閱讀|新聞|文章|報導|連結|推薦)|(延伸|推薦|熱門|精選)(閱讀|新聞|文章)|更多(新聞|報導|文章)|猜你喜歡|最新(新聞|消息))
((関連|おすすめの?|注目の?|人気の?|最新の?|新着)(記事|ニュース|リンク|トピックス)|あわせて読みたい|こちらもおすすめ|(アクセス)?ランキング)
((관련|추천|인기|많이 ?본|최신|주요) ?(기사|뉴스|글|소식)|이 시각 ?(주요)? ?뉴스|핫 ?뉴스)
(читайте также|(похожие|связанные|другие) (статьи|материалы|новости)|(материалы )?по теме|популярное|смотрите также|рекомендуем)
(اقرأ (أيضا|أيضاً|المزيد)|(مواضيع|أخبار|مقالات) ذات صلة|الأكثر قراءة)
"""

# The same with something after a colon: one link, or the page's own keywords.
_RELATED_INLINE = """
(tags?|topics|categories|category|filed under|keywords|mots-clés|étiquettes|schlagw[oö]rte?r?|etiquetas|temas|assuntos|trefwoorden|parole chiave|标签|关键词|タグ|キーワード|태그|теги|الوسوم) ?[:：].{1,150}
(previous|next)( (article|post|story))? ?[:：].{1,150}
(précédent|suivant|vorheriger|nächster|anterior|siguiente|próximo|precedente|successivo|vorige|volgende)( \\S+)? ?[:：].{1,150}
([上下]一[篇条]|(次|前)の記事|(이전|다음) ?(글|기사)) ?[:：]?.{1,80}
"""

_ADVERTISEMENT = """
(advertisements?|advertising|sponsored|promoted|publicité|anzeige|werbung|publicidad|publicidade|pubblicità|advertentie|广告|広告|광고|реклама|إعلان)
(continua (após|depois) (a|da) publicidade|story continues below( advertisement)?|article continues (below|after).{0,30})
"""

# A short credit, never a caption that tells something.
_CREDIT = """
\\(?(the )?(photos?|pictures?|images?)( (credit|source|courtesy|comes?|by|from|of|courtesy of))*( ?[:：]| from| by)( \\S+){1,3}\\)?
\\(?(foto|photo|crédits? photo|crédit|bild|créditos?|fotografía|image|copyright photo) ?[:：]( ?\\S+){1,3}\\)?
[(（]?((图片?来源|图源|摄影|供图)[:：]|图/).{1,16}[)）]?
[(（]?(写真|画像)(提供)?[:：=＝].{1,12}[)）]?
[(（]?(사진|이미지) ?(출처|제공)? ?[:：=].{1,20}[)）]?
\\(?фото ?[:：]( ?\\S+){1,3}\\)?
(getty images|shutterstock|reuters|afp|istock|unsplash)( ?[/|,] ?\\S+){0,3}
"""

# What stands above a portrait of the page's author. 'photo of' counts if the next paragraph speaks of the same name.
_AUTHOR = """
(about|meet) the authors?
à propos de l'auteure?|(über|zum) (den autor|die autorin|autor)
(sobre|acerca de)(l autor| el autor| la autora| o autor| a autora)
(sull'autore|informazioni sull'autore|l'autore)
over de auteur|об авторе
(作者简介|关于作者|作者介绍)|(この記事の)?(著者|筆者|執筆者)(紹介|プロフィール|について)?|この記事を書いた人|(기자|저자) ?소개
"""

TOPICS: Final[dict[str, str]] = {
    "cookies": _COOKIES,
    "copyright": _COPYRIGHT,
    "comments": _COMMENTS,
    "helpful": _HELPFUL,
    "share": _SHARE,
    "newsletter": _NEWSLETTER,
    "more": _MORE,
    "navigation": _NAVIGATION,
    "related": _RELATED,
    "related_inline": _RELATED_INLINE,
    "advertisement": _ADVERTISEMENT,
    "credit": _CREDIT,
    "author": _AUTHOR,
}

# A page's switch for the size of its letters, at the end of a line that may say the source and the date
TEXT_SIZE: Final = r"[ \t　]*(?:font size|text size|字号|字体大小|字体|文字サイズ|글자 ?크기|schriftgröße|taille du texte)[ \t]*[:：][^\n]{0,40}$"
HOME: Final = "home( ?page)?|startseite|accueil|inicio|início|首页|ホーム|トップ|홈|главная|homepage|portada|الرئيسية"
HERE: Final = (
    "current (location|position)|your location|you are here|您?(的|当前|现在)?(所在)?位置|現在地|현재 ?위치|"
    "vous êtes ici|sie sind hier|usted está aquí|você está aqui|sei qui"
)


@cache
def pattern(topic: str) -> re.Pattern[str]:
    """Return the pattern of a topic of ``TOPICS``, for ``fullmatch`` on a plain line."""
    return re.compile("|".join(f"(?:{line})" for line in TOPICS[topic].strip().splitlines()))
