"""Words of the domains of M-ABSA, as somebody would begin a taxonomy who has not read a single sentence of it."""

from __future__ import annotations

WORDS: dict[str, dict[str, dict[str, str]]] = {
    "coursera": {
        "course": {
            "en": "course*, class*, specialization",
            "es": "curso*, clase*, especialización",
            "pt": "curso*, aula*, especialização",
        },
        "faculty": {
            "en": "instructor*, teacher*, professor*, lecturer*",
            "es": "instructor*, profesor*, docente*, maestro*",
            "pt": "instrutor*, professor*, docente*",
        },
        "presentation": {
            "en": "lecture*, video*, slides, explanation*, explain*",
            "es": "conferencia*, video*, vídeo*, diapositiva*, explica*",
            "pt": "palestra*, video*, vídeo*, slide*, explica*",
        },
        "assignments": {
            "en": "assignment*, quiz*, exercise*, homework, project*",
            "es": "tarea*, cuestionario*, ejercicio*, proyecto*",
            "pt": "tarefa*, questionário*, exercício*, projeto*",
        },
        "material": {
            "en": "material*, content*, reading*, resource*",
            "es": "material*, contenido*, lectura*, recurso*",
            "pt": "material, materiais, conteúdo*, leitura*, recurso*",
        },
    },
    "food": {
        "food": {
            "en": "taste*, flavor*, coffee, tea, food*, delicious, eat, drink*, snack*, chocolate",
            "es": "sabor*, café, té, comida*, delicios*, comer, beber, chocolate",
            "pt": "sabor*, café, chá, comida*, delicios*, comer, beber, chocolate",
        },
        "amazon": {
            "en": "amazon",
            "es": "amazon",
            "pt": "amazon",
        },
        "shipment": {
            "en": "shipping, shipment, delivery, arrived, package",
            "es": "envío*, entrega*, llegó, paquete",
            "pt": "envio*, entrega*, chegou, pacote",
        },
    },
    "hotel": {
        "hotel": {
            "en": "hotel*, stay*, place",
            "es": "hotel*, estancia*, lugar",
            "pt": "hotel, hotéis, estadia*, lugar",
        },
        "service": {
            "en": "service*, staff, reception*, friendly, helpful",
            "es": "servicio*, personal, recepción, amable*",
            "pt": "serviço*, equipe, funcionários, recepção, atenci*, simpátic*",
        },
        "rooms": {
            "en": "room*, suite*, bedroom*",
            "es": "habitación, habitaciones, cuarto*, suite*",
            "pt": "quarto*, suíte*",
        },
        "location": {
            "en": "location, located, near, walk, distance, close to",
            "es": "ubicación, ubicado, cerca, caminar, distancia",
            "pt": "localização, localizado, perto, caminhar, distância",
        },
        "facilities": {
            "en": "pool*, gym, spa, parking, elevator*, lobby",
            "es": "piscina*, gimnasio, spa, estacionamiento, ascensor*",
            "pt": "piscina*, academia, spa, estacionamento, elevador*",
        },
        "food_drinks": {
            "en": "breakfast*, food, restaurant*, bar, drinks, dinner",
            "es": "desayuno*, comida, restaurante*, bar, bebidas, cena",
            "pt": "café da manhã, comida, restaurante*, bar, bebidas, jantar",
        },
        "room_amenities": {
            "en": "bed*, bathroom*, shower*, tv, towel*",
            "es": "cama*, baño*, ducha*, televis*, toalla*",
            "pt": "cama*, banheiro*, chuveiro*, tv, toalha*",
        },
    },
    "laptop": {
        "laptop": {
            "en": "laptop*, computer*, machine, chromebook*",
            "es": "portátil*, computador*, ordenador*, laptop*, chromebook*",
            "pt": "laptop*, computador*, notebook*, máquina, chromebook*",
        },
        "display": {
            "en": "screen*, display*, resolution",
            "es": "pantalla*, resolución",
            "pt": "tela*, resolução",
        },
        "keyboard": {
            "en": "keyboard*, key, keys, typing",
            "es": "teclado*, tecla*, escribir",
            "pt": "teclado*, tecla*, digitar",
        },
        "battery": {
            "en": "battery, batteries, charge*",
            "es": "batería*, carga*",
            "pt": "bateria*, carga*",
        },
        "software": {
            "en": "software, app, apps, program*",
            "es": "software, aplicación, aplicaciones, programa*",
            "pt": "software, aplicativo*, programa*",
        },
        "os": {
            "en": "windows, chrome os, operating system, linux",
            "es": "windows, sistema operativo, linux",
            "pt": "windows, sistema operacional, linux",
        },
    },
    "phone": {
        "overall": {
            "en": "phone*, overall",
            "es": "teléfono*, general",
            "pt": "telefone*, geral",
        },
        "logistics": {
            "en": "delivery, shipping, logistics, express, courier, arrived",
            "es": "entrega*, envío*, logística, llegó",
            "pt": "entrega*, envio*, logística, chegou",
        },
        "product": {
            "en": "product*, quality, genuine",
            "es": "producto*, calidad, genuin*",
            "pt": "produto*, qualidade, genuín*",
        },
        "buyer": {
            "en": "i bought, buy, recommend*, satisfied, my mother",
            "es": "compré, comprar, recomiend*, satisfech*",
            "pt": "comprei, comprar, recomend*, satisfeit*",
        },
        "battery": {
            "en": "battery, power, charg*, standby",
            "es": "batería*, carga*",
            "pt": "bateria*, carga*, carrega*",
        },
        "price": {
            "en": "price*, cheap*, expensive, money, cost*",
            "es": "precio*, barat*, car*, dinero",
            "pt": "preço*, barat*, caro, cara, dinheiro",
        },
        "seller": {
            "en": "seller*, store*, shop*, merchant*, customer service",
            "es": "vendedor*, tienda*, servicio al cliente",
            "pt": "vendedor*, loja*, atendimento",
        },
        "appearance": {
            "en": "appearance, color*, look*, design, beautiful",
            "es": "apariencia, color*, diseño, bonit*",
            "pt": "aparência, cor, cores, design, bonit*",
        },
        "camera": {
            "en": "camera*, photo*, picture*, pixel*",
            "es": "cámara*, foto*, imagen, píxel*",
            "pt": "câmera*, foto*, imagem, pixel*",
        },
        "ease": {
            "en": "easy to use, simple, convenient",
            "es": "fácil de usar, sencill*, cómod*",
            "pt": "fácil de usar, simples, prátic*",
        },
        "screen": {
            "en": "screen*, display*",
            "es": "pantalla*",
            "pt": "tela*",
        },
        "system": {
            "en": "system*, software, android, update*",
            "es": "sistema*, software, android, actualiza*",
            "pt": "sistema*, software, android, atualiza*",
        },
        "performance": {
            "en": "performance, speed, fast, smooth*, slow, lag*",
            "es": "rendimiento, velocidad, rápid*, fluid*, lent*",
            "pt": "desempenho, velocidade, rápid*, fluid*, lent*",
        },
    },
    "restaurant": {
        "food": {
            "en": "food, dish*, meal*, delicious, taste*, menu, pizza, chicken, sushi",
            "es": "comida*, plato*, delicios*, sabor*, menú, pizza, pollo, sushi",
            "pt": "comida*, prato*, delicios*, sabor*, cardápio, pizza, frango, sushi",
        },
        "restaurant": {
            "en": "restaurant*, place",
            "es": "restaurante*, lugar, sitio",
            "pt": "restaurante*, lugar",
        },
        "service": {
            "en": "service, waiter*, waitress*, staff, server*",
            "es": "servicio, camarer*, meser*, personal",
            "pt": "serviço, garçom, garçons, garçonete*, equipe, funcionários",
        },
        "ambience": {
            "en": "ambience, ambiance, atmosphere, decor, music, cozy",
            "es": "ambiente, decoración, música, acogedor*",
            "pt": "ambiente, decoração, música, aconchegante",
        },
        "drinks": {
            "en": "drink*, wine*, beer*, cocktail*, sake",
            "es": "bebida*, vino*, cerveza*, cóctel*, sake",
            "pt": "bebida*, vinho*, cerveja*, coquetel, coquetéis, saquê",
        },
    },
}
