"""Where made-up customers are from: how they are called there, where they live, which language they read.

No subscriber number in India starts with 0; the ranges of the United Kingdom and the United States are kept
free for fiction (https://www.ofcom.org.uk, "numbers for drama use"; NANP 555-01XX).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Origin:
    """`share` of all customers, in parts of the sum. `phone` has a # for each digit to be drawn."""

    share: int
    language: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    cities: tuple[str, ...]
    phone: str | None = None


def _words(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(","))


INDIA: Final = "+910#########"
ORIGINS: Final = (
    Origin(
        24,
        "Hindi",
        _words(
            "Aarav, Aditi, Ananya, Anjali, Ankit, Arjun, Deepak, Divya, Gaurav, Isha, Kavya, Manish, Neha, "
            "Nikhil, Pooja, Priya, Rahul, Riya, Rohan, Sakshi, Sandeep, Shreya, Varun, Vikram"
        ),
        _words(
            "Agarwal, Bansal, Chauhan, Gupta, Jain, Kapoor, Khanna, Malhotra, Mehra, Mishra, Pandey, Saxena, "
            "Sharma, Singh, Srivastava, Tiwari, Verma, Yadav"
        ),
        _words("Delhi, Delhi, Delhi, Gurugram, Noida, Lucknow, Jaipur, Indore, Bhopal, Kanpur"),
        INDIA,
    ),
    Origin(
        14,
        "Marathi",
        _words(
            "Aditya, Amruta, Ashwini, Gauri, Mihir, Mrunal, Omkar, Pallavi, Prasad, Rutuja, Sachin, Sanika, "
            "Siddharth, Tejas, Vaishnavi, Yash"
        ),
        _words(
            "Apte, Bhosale, Deshmukh, Deshpande, Gaikwad, Jadhav, Joshi, Kale, Kulkarni, More, Patil, Pawar"
        ),
        _words("Mumbai, Mumbai, Mumbai, Pune, Pune, Nagpur, Nashik, Thane"),
        INDIA,
    ),
    Origin(
        11,
        "Tamil",
        _words(
            "Abinaya, Aravind, Bhavani, Dinesh, Gayathri, Harini, Karthik, Lakshmi, Meena, Nandhini, "
            "Prakash, Sathish, Senthil, Sowmya, Vignesh"
        ),
        _words(
            "Balasubramanian, Chandrasekar, Ganesan, Krishnan, Murugan, Natarajan, Rajan, Ramanathan, "
            "Subramaniam, Sundaram, Venkatesan"
        ),
        _words("Chennai, Chennai, Chennai, Coimbatore, Madurai, Tiruchirappalli"),
        INDIA,
    ),
    Origin(
        10,
        "Kannada",
        _words(
            "Akshata, Bhavya, Chetan, Darshan, Girish, Kiran, Manjula, Naveen, Pavithra, Rakshith, Sahana, "
            "Shruthi, Suhas, Veena"
        ),
        _words("Bhat, Gowda, Hegde, Kamath, Murthy, Nayak, Pai, Prabhu, Rao, Shenoy, Shetty"),
        _words("Bengaluru, Bengaluru, Bengaluru, Bengaluru, Mysuru, Mangaluru, Hubballi"),
        INDIA,
    ),
    Origin(
        9,
        "Telugu",
        _words(
            "Anusha, Bhargav, Harsha, Haritha, Jyothi, Kalyan, Mounika, Phani, Ravi, Sai, Sirisha, Sravani, "
            "Swathi, Teja"
        ),
        _words("Chowdary, Kondapalli, Naidu, Pasupuleti, Raju, Reddy, Sastry, Varma, Yerramilli"),
        _words("Hyderabad, Hyderabad, Hyderabad, Visakhapatnam, Vijayawada, Warangal"),
        INDIA,
    ),
    Origin(
        8,
        "Bengali",
        _words(
            "Abhijit, Anirban, Debjani, Ishani, Koushik, Madhurima, Moumita, Partha, Rituparna, Sayantan, "
            "Soumya, Subhash, Tanushree"
        ),
        _words("Banerjee, Basu, Bose, Chatterjee, Das, Dutta, Ghosh, Mukherjee, Roy, Sarkar, Sen"),
        _words("Kolkata, Kolkata, Kolkata, Howrah, Siliguri, Durgapur"),
        INDIA,
    ),
    Origin(
        6,
        "Gujarati",
        _words("Bhavesh, Darshana, Hetal, Jignesh, Komal, Mitesh, Nirali, Parth, Ruchi, Urvashi"),
        _words("Desai, Mehta, Modi, Parikh, Patel, Shah, Solanki, Thakkar, Trivedi, Vyas"),
        _words("Ahmedabad, Ahmedabad, Surat, Vadodara, Rajkot"),
        INDIA,
    ),
    Origin(
        4,
        "Malayalam",
        _words("Anitha, Arun, Deepthi, George, Jacob, Lekha, Nithin, Rejith, Sneha, Thomas"),
        _words("Kurian, Mathew, Menon, Nair, Nambiar, Philip, Pillai, Varghese, Warrier"),
        _words("Kochi, Kochi, Thiruvananthapuram, Kozhikode, Thrissur"),
        INDIA,
    ),
    Origin(
        4,
        "Urdu",
        _words("Aamir, Ayesha, Danish, Farah, Imran, Mehreen, Rehan, Saba, Sameer, Zoya"),
        _words("Ahmed, Ali, Ansari, Hussain, Khan, Mirza, Qureshi, Shaikh, Siddiqui"),
        _words("Hyderabad, Lucknow, Mumbai, Delhi, Bhopal"),
        INDIA,
    ),
    Origin(
        3,
        "English",
        _words("Amelia, Callum, Charlotte, Freya, George, Harriet, Imogen, Oliver, Rhys, Thomas"),
        _words("Barker, Bennett, Clarke, Evans, Hughes, Marsh, O'Connor, Shaw, Turner, Whitfield"),
        _words("London, London, Manchester, Leeds, Bristol, Edinburgh"),
        "+447700900###",
    ),
    Origin(
        3,
        "English",
        _words("Abigail, Brandon, Caleb, Chloe, Ethan, Grace, Logan, Madison, Noah, Savannah"),
        _words("Anderson, Brooks, Carter, Collins, Foster, Hayes, Nguyen, Ramirez, Reed, Sullivan"),
        _words("New York, Austin, Seattle, Chicago, San Jose, Boston"),
        "+120255501##",
    ),
    Origin(
        2,
        "German",
        _words("Anneliese, Felix, Hannah, Jonas, Jürgen, Katharina, Lukas, Marlene, Zoë"),
        _words("Bauer, Fischer, Hoffmann, Krüger, Müller, Schneider, Vogel, Weber, Zimmermann"),
        _words("Berlin, Hamburg, Köln, München, Leipzig"),
    ),
    Origin(
        2,
        "Arabic",
        _words("Amal, Faisal, Hamad, Layla, Mariam, Noura, Omar, Salem, Yousef"),
        _words("Al Farsi, Al Hashimi, Al Mansoori, Al Suwaidi, Haddad, Khoury, Nasser"),
        _words("Dubai, Abu Dhabi, Sharjah, Muscat, Doha"),
    ),
)
